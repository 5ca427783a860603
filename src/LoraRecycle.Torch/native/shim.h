// The C boundary between .NET and libtorch. Every function returns 0, or 1 after storing a message that
// lr_last_error() hands out; no C++ exception ever crosses the boundary.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

#define LR_API extern "C" __attribute__((visibility("default")))

enum lr_tag : int32_t {
    LR_NONE = 0,
    LR_TENSOR = 1,
    LR_INT = 2,
    LR_DOUBLE = 3,
    LR_BOOL = 4,
    LR_STRING = 5,
    LR_INT_LIST = 6,
    LR_DOUBLE_LIST = 7,
    LR_TENSOR_LIST = 8,
    LR_OPTIONAL_TENSOR_LIST = 9,
    LR_DEVICE = 10,
    LR_GENERATOR = 11,
    LR_DEFAULT = 12,
};

// A boxed value. Lists keep their length in `count`; a device packs its type in the low and its index in the high word.
struct lr_value {
    int32_t tag;
    int32_t count;
    union {
        int64_t integer;
        double number;
        void* pointer;
    };
};

enum lr_error_kind : int32_t { LR_ERROR = 0, LR_OUT_OF_MEMORY = 1 };

namespace lr {

void set_error(lr_error_kind kind, std::string message);

// libtorch reports a failed host allocation as a plain error, so its text is all there is to go by.
inline lr_error_kind kind_of(const char* message) {
    return std::strstr(message, "DefaultCPUAllocator") != nullptr || std::strstr(message, "out of memory") != nullptr ? LR_OUT_OF_MEMORY : LR_ERROR;
}

// Runs `body`; turns whatever it throws into the error code and message of the C boundary.
template <typename Body>
int guarded(const char* what, Body&& body) {
    try {
        body();
        return 0;
    } catch (const c10::OutOfMemoryError& error) {
        set_error(LR_OUT_OF_MEMORY, std::string(what) + ": " + error.what_without_backtrace());
    } catch (const c10::Error& error) {
        set_error(kind_of(error.what_without_backtrace()), std::string(what) + ": " + error.what_without_backtrace());
    } catch (const std::bad_alloc&) {
        set_error(LR_OUT_OF_MEMORY, std::string(what) + ": out of host memory");
    } catch (const std::exception& error) {
        set_error(LR_ERROR, std::string(what) + ": " + error.what());
    } catch (...) {
        set_error(LR_ERROR, std::string(what) + ": an exception that is no std::exception");
    }
    return 1;
}

// A handle is the TensorImpl itself with one reference owned by .NET: no second allocation a tensor.
inline void* release(at::Tensor tensor) {
    return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr;
}

inline at::Tensor borrow(void* handle) {
    if (handle == nullptr) return {};
    auto* implementation = static_cast<c10::TensorImpl*>(handle);
    return at::Tensor(c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>::unsafe_reclaim_from_nonowning(implementation));
}

inline c10::Device unpack_device(int64_t packed) {
    return c10::Device(static_cast<c10::DeviceType>(packed & 0xff), static_cast<c10::DeviceIndex>(packed >> 32));
}

}  // namespace lr
