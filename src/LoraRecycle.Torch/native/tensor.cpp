// What a tensor is: its handle, its metadata, its bytes.
#include "shim.h"

struct lr_tensor_info {
    int32_t dtype;
    int32_t device_type;
    int32_t device_index;
    int32_t dimensions;
    int64_t elements;
    int32_t element_size;
    uint8_t requires_grad;
    uint8_t is_leaf;
    uint8_t is_contiguous;
    uint8_t is_inference;
};

LR_API void lr_tensor_free(void* handle) {
    if (handle == nullptr) return;
    c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::reclaim(static_cast<c10::TensorImpl*>(handle));
}

LR_API int lr_tensor_describe(void* handle, lr_tensor_info* info) {
    return lr::guarded("tensor", [&] {
        auto tensor = lr::borrow(handle);
        info->dtype = static_cast<int32_t>(tensor.scalar_type());
        info->device_type = static_cast<int32_t>(tensor.device().type());
        info->device_index = tensor.device().index();
        info->dimensions = static_cast<int32_t>(tensor.dim());
        info->elements = tensor.numel();
        info->element_size = static_cast<int32_t>(tensor.element_size());
        info->requires_grad = tensor.requires_grad();
        info->is_leaf = tensor.is_leaf();
        info->is_contiguous = tensor.is_contiguous();
        info->is_inference = tensor.is_inference();
    });
}

// Copies sizes or strides into `out`, which has room for `dimensions` numbers.
LR_API int lr_tensor_layout(void* handle, int64_t* sizes, int64_t* strides) {
    return lr::guarded("tensor", [&] {
        auto tensor = lr::borrow(handle);
        if (sizes != nullptr) std::memcpy(sizes, tensor.sizes().data(), sizeof(int64_t) * tensor.dim());
        if (strides != nullptr) std::memcpy(strides, tensor.strides().data(), sizeof(int64_t) * tensor.dim());
    });
}

// The address of the first element, for a tensor whose bytes are in host memory.
LR_API int lr_tensor_data(void* handle, void** data) {
    return lr::guarded("tensor data", [&] {
        auto tensor = lr::borrow(handle);
        TORCH_CHECK(tensor.device().is_cpu(), "the tensor is on ", tensor.device(), "; move it with cpu() first");
        *data = tensor.data_ptr();
    });
}

// A new tensor in host memory with a copy of `bytes`.
LR_API int lr_tensor_copy_from(const void* data, int64_t bytes, const int64_t* sizes, int32_t dimensions, int32_t dtype, void** result) {
    return lr::guarded("tensor from data", [&] {
        auto tensor = at::empty(at::IntArrayRef(sizes, dimensions), at::TensorOptions(static_cast<at::ScalarType>(dtype)));
        TORCH_CHECK(static_cast<int64_t>(tensor.nbytes()) == bytes, "shape ", tensor.sizes(), " of ", tensor.dtype(), " takes ", tensor.nbytes(), " bytes, got ", bytes);
        if (bytes > 0) std::memcpy(tensor.data_ptr(), data, bytes);
        *result = lr::release(std::move(tensor));
    });
}
