namespace TorchSharp;

/// <summary>A number that an operator takes where PyTorch takes a Python number: an integer or a double.</summary>
public sealed class Scalar
{
    private Scalar(bool isInteger, long integer, double number) => (IsInteger, Integer, Number) = (isInteger, integer, number);

    internal bool IsInteger { get; }
    internal long Integer { get; }
    internal double Number { get; }

    public static implicit operator Scalar(byte value) => new(true, value, 0);
    public static implicit operator Scalar(int value) => new(true, value, 0);
    public static implicit operator Scalar(long value) => new(true, value, 0);
    public static implicit operator Scalar(float value) => new(false, 0, value);
    public static implicit operator Scalar(double value) => new(false, 0, value);
    public static implicit operator Scalar(bool value) => new(true, value ? 1 : 0, 0);

    public override string ToString() => IsInteger ? $"{Integer}" : $"{Number}";
}
