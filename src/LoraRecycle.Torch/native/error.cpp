#include "shim.h"

namespace {
thread_local std::string last_message;
thread_local int32_t last_kind = LR_ERROR;
}  // namespace

void lr::set_error(lr_error_kind kind, std::string message) {
    last_kind = kind;
    last_message = std::move(message);
}

// The message of the last failed call on this thread; valid until the next failure.
LR_API const char* lr_last_error(int32_t* kind) {
    *kind = last_kind;
    return last_message.c_str();
}
