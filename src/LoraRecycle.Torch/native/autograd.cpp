// Gradients: modes, leaves, backward.
#include "shim.h"

#include <ATen/core/grad_mode.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdlib>
#include <vector>

namespace {

std::vector<at::Tensor> borrow_all(void** handles, int32_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int32_t i = 0; i < count; i++) tensors.push_back(lr::borrow(handles[i]));
    return tensors;
}

}  // namespace

LR_API int lr_grad_mode() { return c10::GradMode::is_enabled() ? 1 : 0; }
LR_API void lr_set_grad_mode(int enabled) { c10::GradMode::set_enabled(enabled != 0); }

// Inference mode is a guard with thread-local state: begin and end it on the same thread, innermost first.
LR_API int lr_inference_mode_begin(int enabled, void** guard) {
    return lr::guarded("inference mode", [&] { *guard = new c10::InferenceMode(enabled != 0); });
}
LR_API void lr_inference_mode_end(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }

LR_API int lr_set_requires_grad(void* handle, int value) {
    return lr::guarded("requires_grad", [&] { lr::borrow(handle).set_requires_grad(value != 0); });
}

LR_API int lr_grad(void* handle, void** result) {
    return lr::guarded("grad", [&] { *result = lr::release(lr::borrow(handle).grad()); });
}

LR_API int lr_set_grad(void* handle, void* gradient) {
    return lr::guarded("grad", [&] {
        auto tensor = lr::borrow(handle), value = lr::borrow(gradient);
        // libtorch takes any tensor here, and fails far away when the next backward adds to it.
        TORCH_CHECK(
            !value.defined() || (value.sizes() == tensor.sizes() && value.scalar_type() == tensor.scalar_type() && value.device() == tensor.device()),
            "expected a gradient like its tensor, ", tensor.toString(), tensor.sizes(), ", got ", value.toString(), value.sizes());
        tensor.mutable_grad() = value;
    });
}

LR_API int lr_backward(void** tensors, int32_t count, void** gradients, int32_t gradient_count, int retain_graph, int create_graph, void** inputs, int32_t input_count) {
    return lr::guarded("backward", [&] {
        torch::autograd::backward(
            borrow_all(tensors, count), borrow_all(gradients, gradient_count), retain_graph != 0, create_graph != 0, borrow_all(inputs, input_count));
    });
}

// Writes `input_count` handles to `results`; null where an input did not take part (only with allow_unused).
LR_API int lr_gradients(void** outputs, int32_t count, void** inputs, int32_t input_count, void** gradients, int32_t gradient_count, int retain_graph, int create_graph, int allow_unused, void** results) {
    return lr::guarded("autograd.grad", [&] {
        auto found = torch::autograd::grad(
            borrow_all(outputs, count), borrow_all(inputs, input_count), borrow_all(gradients, gradient_count), retain_graph != 0, create_graph != 0, allow_unused != 0);
        for (size_t i = 0; i < found.size(); i++) results[i] = lr::release(std::move(found[i]));
    });
}
