using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>An operator of libtorch's, found once by its schema name and called on boxed values.</summary>
internal sealed unsafe class Operator(string name, string overload = "")
{
    private const int StackWords = 128;

    private IntPtr _handle;

    private IntPtr Handle => _handle != IntPtr.Zero ? _handle : Find();

    /// <summary>True when this libtorch has the operator: some exist only from a certain version on.</summary>
    public bool Exists => _handle != IntPtr.Zero || (Native.lr_operator_find(name, overload, out _handle) == 0 && _handle != IntPtr.Zero);

    /// <summary>Calls an operator with one tensor as its result.</summary>
    public Tensor Call(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return ToTensor(result) ?? throw new LoraRecycle.Torch.TorchException($"{name}: returned no tensor.");
    }

    /// <summary>Calls an operator with a tuple of tensors as its result; an undefined one is null.</summary>
    public Tensor?[] CallMany(int count, params ReadOnlySpan<Arg> arguments)
    {
        var results = stackalloc NativeValue[count];
        Invoke(arguments, results, count);
        var tensors = new Tensor?[count];
        for (var i = 0; i < count; i++) tensors[i] = ToTensor(results[i]);
        return tensors;
    }

    /// <summary>Calls an operator with a list of tensors as its result.</summary>
    public Tensor[] CallList(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        try
        {
            return [.. new ReadOnlySpan<IntPtr>((void*)result.Payload, result.Count).ToArray().Select(handle => new Tensor(handle))];
        }
        finally
        {
            Native.lr_free(new IntPtr(result.Payload));
        }
    }

    /// <summary>Calls an operator with a bool as its result.</summary>
    public bool CallBool(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return result.Payload != 0;
    }

    /// <summary>Calls an operator that changes its first argument in place; the alias that it returns is dropped.</summary>
    public T CallInPlace<T>(T self, params ReadOnlySpan<Arg> rest) where T : Tensor
    {
        NativeValue result;
        Span<Arg> arguments = new Arg[rest.Length + 1];
        arguments[0] = self;
        rest.CopyTo(arguments[1..]);
        Invoke(arguments, &result, 1);
        Native.lr_tensor_free(new IntPtr(result.Payload));
        return self;
    }

    private IntPtr Find()
    {
        NativeError.Check(Native.lr_operator_find(name, overload, out var handle));
        return _handle = handle;
    }

    private static Tensor? ToTensor(in NativeValue value) => value.Tag == NativeTag.Tensor ? new Tensor(new IntPtr(value.Payload)) : null;

    private void Invoke(ReadOnlySpan<Arg> arguments, NativeValue* results, int expected)
    {
        var handle = Handle;
        var values = stackalloc NativeValue[arguments.Length];
        var words = 0;
        foreach (ref readonly var argument in arguments) words += argument.Words;
        var onStack = stackalloc long[words <= StackWords ? words : 0];
        var scratch = words <= StackWords ? onStack : (long*)NativeMemory.Alloc((nuint)words, sizeof(long));
        var borrowed = 0;
        try
        {
            var next = scratch;
            for (; borrowed < arguments.Length; borrowed++)
            {
                values[borrowed] = arguments[borrowed].Borrow(next);
                next += arguments[borrowed].Words;
            }
            NativeError.Check(Native.lr_operator_call(handle, values, arguments.Length, results, expected));
        }
        finally
        {
            for (var i = 0; i < borrowed; i++) arguments[i].Return();
            if (scratch != onStack) NativeMemory.Free(scratch);
        }
    }
}
