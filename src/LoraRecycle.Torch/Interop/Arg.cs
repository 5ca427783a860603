using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>
/// One argument of an operator: a number in place, or a reference (tensor, list, text) that is borrowed for the
/// length of the call, so that no other thread can free a tensor under it.
/// </summary>
internal readonly struct Arg
{
    private readonly NativeValue _value;
    private readonly object? _reference;

    private Arg(NativeTag tag, long payload = 0, object? reference = null, int count = 0)
    {
        _value = new NativeValue { Tag = tag, Payload = payload, Count = count };
        _reference = reference;
    }

    public static Arg None => default;

    /// <summary>The schema's own default.</summary>
    public static Arg Default => new(NativeTag.Default);

    /// <summary>Words of scratch memory that <see cref="Borrow"/> needs.</summary>
    public int Words => _reference switch
    {
        long[] or double[] or Tensor?[] => _value.Count,
        byte[] => (_value.Count + 7) / 8,
        _ => 0,
    };

    public static implicit operator Arg(Tensor? tensor) => tensor is null ? None : new(NativeTag.Tensor, 0, tensor);
    public static implicit operator Arg(long value) => new(NativeTag.Int, value);
    public static implicit operator Arg(int value) => new(NativeTag.Int, value);
    public static implicit operator Arg(long? value) => value is { } known ? known : None;
    public static implicit operator Arg(double value) => new(NativeTag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(double? value) => value is { } known ? known : None;
    public static implicit operator Arg(bool value) => new(NativeTag.Bool, value ? 1 : 0);
    public static implicit operator Arg(bool? value) => value is { } known ? known : None;
    public static implicit operator Arg(long[]? list) => list is null ? None : new(NativeTag.IntList, 0, list, list.Length);
    public static implicit operator Arg(double[]? list) => list is null ? None : new(NativeTag.DoubleList, 0, list, list.Length);
    public static implicit operator Arg(Tensor[] list) => new(NativeTag.TensorList, 0, Required(list), list.Length);
    public static implicit operator Arg(ScalarType value) => new(NativeTag.Int, Known(value));
    public static implicit operator Arg(ScalarType? value) => value is { } known ? known : None;
    public static implicit operator Arg(Device? device) => device is null ? None : new(NativeTag.Device, device.Packed);
    public static implicit operator Arg(Generator? generator) => generator is null ? None : new(NativeTag.Generator, 0, generator.NativeHandle);

    public static implicit operator Arg(Scalar? scalar) => scalar switch
    {
        null => None,
        { IsInteger: true } => new(NativeTag.Int, scalar.Integer),
        _ => scalar.Number,
    };

    public static implicit operator Arg(string? text)
    {
        if (text is null) return None;
        var bytes = Encoding.UTF8.GetBytes(text);
        return new(NativeTag.String, 0, bytes, bytes.Length);
    }

    /// <summary>A <c>Tensor?[]</c>, as indexing takes it.</summary>
    public static Arg OptionalTensors(Tensor?[] list) => new(NativeTag.OptionalTensorList, 0, Required(list), list.Length);

    /// <summary>The value to hand to native code; lists are written to <paramref name="scratch"/>. Undone by <see cref="Return"/>.</summary>
    public unsafe NativeValue Borrow(long* scratch)
    {
        var value = _value;
        switch (_reference)
        {
            case null:
                return value;
            case Tensor tensor:
                value.Payload = tensor.SafeHandle.Borrow();
                return value;
            case GeneratorHandle generator:
                value.Payload = generator.Borrow();
                return value;
            case long[] integers:
                integers.CopyTo(new Span<long>(scratch, integers.Length));
                break;
            case double[] numbers:
                numbers.CopyTo(new Span<double>(scratch, numbers.Length));
                break;
            case byte[] text:
                text.CopyTo(new Span<byte>(scratch, text.Length));
                break;
            case Tensor?[] tensors:
                BorrowAll(tensors, scratch, allowNull: value.Tag == NativeTag.OptionalTensorList);
                break;
        }
        value.Payload = (long)scratch;
        return value;
    }

    public void Return()
    {
        switch (_reference)
        {
            case Tensor tensor: tensor.Return(); break;
            case GeneratorHandle generator: generator.DangerousRelease(); break;
            case Tensor?[] tensors:
                foreach (var tensor in tensors) tensor?.Return();
                break;
        }
    }

    private static T[] Required<T>(T[] list) =>
        list ?? throw new ArgumentNullException(nameof(list), "Expected a list of tensors, got null.");

    /// <summary>libtorch indexes a table with a dtype's number unchecked, so only its own numbers may get there.</summary>
    private static long Known(ScalarType type) => Enum.IsDefined(type)
        ? (long)type
        : throw new ArgumentOutOfRangeException(nameof(type), $"Expected a dtype such as Float32, got {(long)type}.");

    private static unsafe void BorrowAll(Tensor?[] tensors, long* scratch, bool allowNull)
    {
        var borrowed = 0;
        try
        {
            for (; borrowed < tensors.Length; borrowed++)
            {
                if (tensors[borrowed] is { } tensor) scratch[borrowed] = tensor.SafeHandle.Borrow();
                else if (allowNull) scratch[borrowed] = 0;
                else throw new ArgumentNullException(nameof(tensors), $"Expected a tensor at position {borrowed} of the list, got null.");
            }
        }
        catch
        {
            for (var i = 0; i < borrowed; i++) tensors[i]?.Return();
            throw;
        }
    }
}
