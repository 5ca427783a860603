// CUDA graphs, which TorchSharp does not offer: a sequence of kernels recorded once and replayed with one launch.
// An optional plug-in: without it the program launches every kernel on its own. build/cuda-graphs.sh compiles it against
// the libtorch that the program loads.
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <memory>
#include <string>

#define LR_API extern "C" __attribute__((visibility("default")))

namespace {

// Capture must not run on the default stream, so a recording owns a side stream and holds it until it ends.
struct Recording {
    at::cuda::CUDAGraph graph;
    c10::cuda::CUDAStream stream;
    std::unique_ptr<c10::cuda::CUDAStreamGuard> guard;

    explicit Recording(c10::DeviceIndex device) : stream(c10::cuda::getStreamFromPool(false, device)) {}
};

thread_local std::string last_message;

// Runs `body`; what it throws becomes a return value other than 0, and the message of lr_cuda_graph_error.
template <typename Body>
int guarded(Body&& body) {
    try {
        body();
        return 0;
    } catch (const c10::Error& error) {
        last_message = error.what_without_backtrace();
    } catch (const std::exception& error) {
        last_message = error.what();
    } catch (...) {
        last_message = "an exception that is no std::exception";
    }
    return 1;
}

}  // namespace

// The message of the last failed call on this thread; valid until the next failure.
LR_API const char* lr_cuda_graph_error() { return last_message.c_str(); }

// With `sharing`, intermediate results live where that graph keeps its own: the two must never run at the same time.
LR_API int lr_cuda_graph_begin(int device, void* sharing, void** result) {
    return guarded([&] {
        auto recording = std::make_unique<Recording>(static_cast<c10::DeviceIndex>(device));
        recording->guard = std::make_unique<c10::cuda::CUDAStreamGuard>(recording->stream);
        c10::cuda::device_synchronize();
        // A recording has memory of its own: what the run before it has left in the cache would be held twice.
        c10::cuda::CUDACachingAllocator::emptyCache();
        decltype(recording->graph.pool()) pool{0, 0};
        if (sharing) pool = static_cast<Recording*>(sharing)->graph.pool();
        // Other threads may go on meanwhile, with other devices or with the host.
        recording->graph.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
        *result = recording.release();
    });
}

LR_API int lr_cuda_graph_end(void* handle) {
    auto& recording = *static_cast<Recording*>(handle);
    int failed = guarded([&] { recording.graph.capture_end(); });
    recording.guard.reset();
    return failed;
}

LR_API int lr_cuda_graph_replay(void* handle) {
    return guarded([&] { static_cast<Recording*>(handle)->graph.replay(); });
}

LR_API void lr_cuda_graph_free(void* handle) {
    guarded([&] { delete static_cast<Recording*>(handle); });
}

// Bytes that tensors held at most since the last reset, for benchmarks; -1 where the device does not tell.
LR_API long long lr_cuda_memory_peak(int device, int reset) {
    long long peak = -1;
    guarded([&] {
        auto index = static_cast<c10::DeviceIndex>(device);
        peak = c10::cuda::CUDACachingAllocator::getDeviceStats(index).allocated_bytes[0].peak;
        if (reset) c10::cuda::CUDACachingAllocator::resetPeakStats(index);
    });
    return peak;
}
