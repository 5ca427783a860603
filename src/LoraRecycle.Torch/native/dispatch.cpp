// Calls any operator of libtorch by its schema name, on a stack of boxed values. The dispatcher's boxed
// calling convention is the same in 1.13 and 2.x and passes through autograd, so nothing here names an operator.
#include "shim.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/version.h>

#include <cstdlib>
#include <memory>
#include <sstream>
#include <vector>

LR_API const char* lr_last_error(int32_t* kind);

namespace {

struct Parameter {
    std::string name;
    bool takes_float;
    bool takes_none;
    c10::optional<c10::IValue> fallback;
};

struct Operator {
    c10::OperatorHandle handle;
    std::string name;
    std::vector<Parameter> parameters;
};

bool is_float(const c10::Type& type) {
    if (type.kind() == c10::TypeKind::OptionalType)
        return is_float(*type.expectRef<c10::OptionalType>().getElementType());
    return type.kind() == c10::TypeKind::FloatType;
}

bool accepts_none(const c10::Type& type) {
    return type.kind() == c10::TypeKind::OptionalType || type.kind() == c10::TypeKind::NoneType;
}

c10::List<at::Tensor> tensor_list(const lr_value& value) {
    c10::List<at::Tensor> list;
    list.reserve(value.count);
    auto* handles = static_cast<void**>(value.pointer);
    for (int32_t i = 0; i < value.count; i++) list.push_back(lr::borrow(handles[i]));
    return list;
}

c10::IValue to_ivalue(const Operator& op, const Parameter& parameter, const lr_value& value) {
    switch (value.tag) {
        case LR_NONE:
            TORCH_CHECK(parameter.takes_none, "argument '", parameter.name, "' must not be null");
            return {};
        case LR_TENSOR: return lr::borrow(value.pointer);
        case LR_INT:
            if (parameter.takes_float) return static_cast<double>(value.integer);
            return value.integer;
        case LR_DOUBLE: return value.number;
        case LR_BOOL: return value.integer != 0;
        case LR_STRING: return std::string(static_cast<const char*>(value.pointer), value.count);
        case LR_INT_LIST: {
            auto* items = static_cast<const int64_t*>(value.pointer);
            return c10::IValue(c10::ArrayRef<int64_t>(items, value.count));
        }
        case LR_DOUBLE_LIST: {
            auto* items = static_cast<const double*>(value.pointer);
            return c10::IValue(c10::List<double>(c10::ArrayRef<double>(items, value.count)));
        }
        case LR_TENSOR_LIST: return tensor_list(value);
        case LR_OPTIONAL_TENSOR_LIST: {
            c10::List<c10::optional<at::Tensor>> list;
            list.reserve(value.count);
            auto* handles = static_cast<void**>(value.pointer);
            for (int32_t i = 0; i < value.count; i++)
                list.push_back(handles[i] == nullptr ? c10::optional<at::Tensor>() : lr::borrow(handles[i]));
            return list;
        }
        case LR_DEVICE: return lr::unpack_device(value.integer);
        case LR_GENERATOR: return *static_cast<at::Generator*>(value.pointer);
        case LR_DEFAULT:
            TORCH_CHECK(parameter.fallback.has_value(), "argument '", parameter.name, "' has no default");
            return *parameter.fallback;
        default: TORCH_CHECK(false, "unknown tag ", value.tag, " for argument '", parameter.name, "'");
    }
}

lr_value to_value(c10::IValue&& value) {
    lr_value result{};
    if (value.isNone()) {
        result.tag = LR_NONE;
    } else if (value.isTensor()) {
        auto* handle = lr::release(std::move(value).toTensor());
        result.tag = handle == nullptr ? LR_NONE : LR_TENSOR;
        result.pointer = handle;
    } else if (value.isInt()) {
        result.tag = LR_INT;
        result.integer = value.toInt();
    } else if (value.isDouble()) {
        result.tag = LR_DOUBLE;
        result.number = value.toDouble();
    } else if (value.isBool()) {
        result.tag = LR_BOOL;
        result.integer = value.toBool() ? 1 : 0;
    } else if (value.isTensorList()) {
        auto list = std::move(value).toTensorVector();
        auto** handles = static_cast<void**>(std::malloc(sizeof(void*) * (list.size() + 1)));
        TORCH_CHECK(handles != nullptr, "out of host memory");
        for (size_t i = 0; i < list.size(); i++) handles[i] = lr::release(std::move(list[i]));
        result.tag = LR_TENSOR_LIST;
        result.count = static_cast<int32_t>(list.size());
        result.pointer = handles;
    } else {
        TORCH_CHECK(false, "a result of type ", value.tagKind(), " cannot cross to .NET");
    }
    return result;
}

void describe(std::ostringstream& out, void* handle) {
    auto tensor = lr::borrow(handle);
    if (tensor.defined()) out << c10::toString(tensor.scalar_type()) << tensor.sizes() << ' ' << tensor.device();
    else out << "null";
}

void describe(std::ostringstream& out, const Parameter& parameter, const lr_value& value) {
    switch (value.tag) {
        case LR_TENSOR: describe(out, value.pointer); break;
        case LR_NONE: out << "null"; break;
        case LR_INT:
            if (parameter.name == "dtype") out << c10::toString(static_cast<c10::ScalarType>(value.integer));
            else out << value.integer;
            break;
        case LR_DOUBLE: out << value.number; break;
        case LR_BOOL: out << (value.integer != 0 ? "true" : "false"); break;
        case LR_INT_LIST: out << c10::ArrayRef<int64_t>(static_cast<const int64_t*>(value.pointer), value.count); break;
        case LR_TENSOR_LIST:
        case LR_OPTIONAL_TENSOR_LIST:
            out << '[';
            for (int32_t i = 0; i < value.count; i++) {
                if (i > 0) out << ", ";
                describe(out, static_cast<void**>(value.pointer)[i]);
            }
            out << ']';
            break;
        case LR_DEVICE: out << c10::DeviceTypeName(lr::unpack_device(value.integer).type(), true); break;
        default: out << "..."; break;
    }
}

std::string signature(const Operator& op, const lr_value* arguments, int32_t count) {
    std::ostringstream out;
    out << op.name << '(';
    for (int32_t i = 0; i < count && i < static_cast<int32_t>(op.parameters.size()); i++) {
        if (arguments[i].tag == LR_DEFAULT) continue;
        out << (i == 0 ? "" : ", ") << op.parameters[i].name << ": ";
        describe(out, op.parameters[i], arguments[i]);
    }
    out << ')';
    return out.str();
}

}  // namespace

// Looks an operator up. The result lives as long as the process: operators are found once and kept.
LR_API int lr_operator_find(const char* name, const char* overload, void** result) {
    return lr::guarded(name, [&] {
        auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
        TORCH_CHECK(handle.has_value(), "libtorch " TORCH_VERSION " has no operator of that name and overload '", overload, "'; another version may have it (LIBTORCH=<dir>)");
        auto op = std::make_unique<Operator>(Operator{*handle, name, {}});
        for (const auto& argument : handle->schema().arguments())
            op->parameters.push_back({argument.name(), is_float(*argument.type()), accepts_none(*argument.type()), argument.default_value()});
        *result = op.release();
    });
}

// Calls an operator. Arguments beyond `count` take the schema's defaults. `results` is filled with exactly `expected` values.
LR_API int lr_operator_call(void* handle, const lr_value* arguments, int32_t count, lr_value* results, int32_t expected) {
    auto& op = *static_cast<Operator*>(handle);
    int failed = lr::guarded("", [&] {
        auto total = static_cast<int32_t>(op.parameters.size());
        TORCH_CHECK(count <= total, "takes ", total, " arguments, got ", count);
        torch::jit::Stack stack;
        stack.reserve(total);
        for (int32_t i = 0; i < total; i++) {
            const auto& parameter = op.parameters[i];
            if (i < count) {
                stack.push_back(to_ivalue(op, parameter, arguments[i]));
            } else {
                TORCH_CHECK(parameter.fallback.has_value(), "argument '", parameter.name, "' is missing");
                stack.push_back(*parameter.fallback);
            }
        }
        op.handle.callBoxed(&stack);
        TORCH_CHECK(static_cast<int32_t>(stack.size()) == expected, "returned ", stack.size(), " values, expected ", expected);
        for (size_t i = 0; i < stack.size(); i++) results[i] = to_value(std::move(stack[i]));
    });
    if (failed) {
        // Only a failure pays for the text of its arguments.
        lr::guarded(op.name.c_str(), [&] {
            int32_t kind;
            std::string message = lr_last_error(&kind);
            lr::set_error(static_cast<lr_error_kind>(kind), signature(op, arguments, count) + message);
        });
    }
    return failed;
}

LR_API void lr_free(void* memory) { std::free(memory); }
