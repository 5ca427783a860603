// CUDA graphs: a sequence of kernels recorded once and replayed with one launch.
#include "shim.h"

#ifdef LR_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <torch/version.h>

namespace {

// Capture must not run on the default stream, so a recording owns a side stream and holds it until it ends.
struct Recording {
    at::cuda::CUDAGraph graph;
    c10::cuda::CUDAStream stream;
    std::unique_ptr<c10::cuda::CUDAStreamGuard> guard;

    explicit Recording(c10::DeviceIndex device) : stream(c10::cuda::getStreamFromPool(false, device)) {}
};

}  // namespace

// With `sharing`, intermediate results live where that graph keeps its own: the two must never run at the same time.
LR_API int lr_cuda_graph_begin(int device, void* sharing, void** result) {
    return lr::guarded("CUDA graph capture", [&] {
        auto recording = std::make_unique<Recording>(static_cast<c10::DeviceIndex>(device));
        recording->guard = std::make_unique<c10::cuda::CUDAStreamGuard>(recording->stream);
        c10::cuda::device_synchronize();
        // A recording has memory of its own: what the run before it has left in the cache would be held twice.
        c10::cuda::CUDACachingAllocator::emptyCache();
        decltype(recording->graph.pool()) pool{0, 0};
        if (sharing) pool = static_cast<Recording*>(sharing)->graph.pool();
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 1)
        // Other threads may go on meanwhile, with other devices or with the host.
        recording->graph.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
#else
        recording->graph.capture_begin(pool);
#endif
        *result = recording.release();
    });
}

LR_API int lr_cuda_graph_end(void* handle) {
    auto& recording = *static_cast<Recording*>(handle);
    int failed = lr::guarded("CUDA graph capture", [&] { recording.graph.capture_end(); });
    recording.guard.reset();
    return failed;
}

LR_API int lr_cuda_graph_replay(void* handle) {
    return lr::guarded("CUDA graph replay", [&] { static_cast<Recording*>(handle)->graph.replay(); });
}

LR_API void lr_cuda_graph_free(void* handle) {
    lr::guarded("CUDA graph", [&] { delete static_cast<Recording*>(handle); });
}
#else
namespace {
int unavailable() {
    return lr::guarded("CUDA graph", [] { TORCH_CHECK(false, "this build has no CUDA; build against a CUDA libtorch (LIBTORCH=<dir>)"); });
}
}  // namespace

LR_API int lr_cuda_graph_begin(int, void*, void**) { return unavailable(); }
LR_API int lr_cuda_graph_end(void*) { return unavailable(); }
LR_API int lr_cuda_graph_replay(void*) { return unavailable(); }
LR_API void lr_cuda_graph_free(void*) {}
#endif
