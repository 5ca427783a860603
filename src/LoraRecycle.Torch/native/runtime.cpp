// The machine under the tensors: version, threads, seeds, generators, devices.
#include "shim.h"

#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <mutex>

#ifdef LR_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_runtime_api.h>
// libtorch brings CUDA's runtime along as a library of its own, or inside of itself; then this stays null.
#pragma weak cudaMemGetInfo
#endif

LR_API const char* lr_libtorch_version() { return TORCH_VERSION; }

LR_API int lr_is_cuda_build() {
#ifdef LR_CUDA
    return 1;
#else
    return 0;
#endif
}

// The text stays valid until the next call on this thread.
LR_API int lr_libtorch_configuration(const char** text) {
    return lr::guarded("configuration", [&] {
        thread_local std::string kept;
        kept = at::show_config() + at::get_parallel_info();
        *text = kept.c_str();
    });
}

LR_API int lr_thread_count() { return at::get_num_threads(); }
LR_API int lr_set_thread_count(int count) {
    return lr::guarded("set_num_threads", [&] {
        // OpenMP ends the process when it cannot start as many threads as it was told to.
        TORCH_CHECK(count > 0 && count <= 1024, "expected 1 to 1024 threads, got ", count);
        at::set_num_threads(count);
    });
}

LR_API int lr_cuda_tf32() { return at::globalContext().allowTF32CuBLAS() ? 1 : 0; }
LR_API int lr_set_cuda_tf32(int allowed) {
    return lr::guarded("allow_tf32", [&] { at::globalContext().setAllowTF32CuBLAS(allowed != 0); });
}

LR_API int lr_cuda_device_count(int* count) {
    return lr::guarded("cuda", [&] { *count = torch::cuda::is_available() ? static_cast<int>(torch::cuda::device_count()) : 0; });
}

LR_API int lr_cuda_synchronize(int64_t index) {
    return lr::guarded("cuda.synchronize", [&] { torch::cuda::synchronize(index); });
}

// Bytes that tensors hold and bytes that the caching allocator keeps, on one CUDA device; peaks since the last reset.
LR_API int lr_cuda_memory(int index, int reset_peak, int64_t* allocated, int64_t* peak, int64_t* reserved) {
    return lr::guarded("cuda memory", [&] {
#ifdef LR_CUDA
        auto statistics = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(index));
        *allocated = statistics.allocated_bytes[0].current;
        *peak = statistics.allocated_bytes[0].peak;
        *reserved = statistics.reserved_bytes[0].current;
        if (reset_peak) c10::cuda::CUDACachingAllocator::resetPeakStats(static_cast<c10::DeviceIndex>(index));
#else
        TORCH_CHECK(false, "this build has no CUDA; build against a CUDA libtorch (LIBTORCH=<dir>)");
#endif
    });
}

// All the memory of a CUDA device, in bytes.
LR_API int lr_cuda_total_memory(int index, int64_t* total) {
    return lr::guarded("cuda memory", [&] {
#ifdef LR_CUDA
        c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(index < 0 ? c10::cuda::current_device() : index));
        size_t free_bytes = 0, total_bytes = 0;
        TORCH_CHECK(cudaMemGetInfo && cudaMemGetInfo(&free_bytes, &total_bytes) == cudaSuccess, "CUDA does not tell the memory of device ", index);
        *total = static_cast<int64_t>(total_bytes);
#else
        TORCH_CHECK(false, "this build has no CUDA; build against a CUDA libtorch (LIBTORCH=<dir>)");
#endif
    });
}

LR_API int lr_manual_seed(int64_t seed) {
    return lr::guarded("manual_seed", [&] { at::manual_seed(static_cast<uint64_t>(seed)); });
}

// A generator of its own on a device: the default one's kind, cloned, so that no kind is named here.
LR_API int lr_generator_new(int64_t device, uint64_t seed, void** result) {
    return lr::guarded("Generator", [&] {
        auto generator = at::globalContext().defaultGenerator(lr::unpack_device(device)).clone();
        generator.set_current_seed(seed);
        *result = new at::Generator(std::move(generator));
    });
}

// Operators lock a generator while they draw; whoever else touches one must too.
template <typename Body>
static int with_generator(const char* what, void* handle, Body&& body) {
    return lr::guarded(what, [&] {
        auto& generator = *static_cast<at::Generator*>(handle);
        std::lock_guard<std::mutex> lock(generator.mutex());
        body(generator);
    });
}

LR_API int lr_generator_seed(void* generator, uint64_t seed) {
    return with_generator("Generator.manual_seed", generator, [&](at::Generator& locked) { locked.set_current_seed(seed); });
}

LR_API int lr_generator_initial_seed(void* generator, uint64_t* seed) {
    return with_generator("Generator.initial_seed", generator, [&](at::Generator& locked) { *seed = locked.current_seed(); });
}

LR_API int lr_generator_state(void* generator, void** state) {
    return with_generator("Generator.get_state", generator, [&](at::Generator& locked) { *state = lr::release(locked.get_state()); });
}

LR_API int lr_generator_set_state(void* generator, void* state) {
    return with_generator("Generator.set_state", generator, [&](at::Generator& locked) { locked.set_state(lr::borrow(state)); });
}

LR_API void lr_generator_free(void* generator) { delete static_cast<at::Generator*>(generator); }
