using System.Globalization;

namespace TorchSharp;

/// <summary>A kind of device; the numbers are libtorch's own.</summary>
public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
    META = 14,
}

public static partial class torch
{
    public static readonly Device CPU = new(DeviceType.CPU);

    public static Device CUDA => new(DeviceType.CUDA);

    /// <summary>Parses <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public static Device device(string description) => new(description);

    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    /// <summary>Where a tensor is: a kind and, for CUDA, an index (-1: the current one).</summary>
    public class Device
    {
        public Device(DeviceType deviceType, int index = -1)
        {
            // libtorch keeps an index in one byte.
            if (index is < -1 or > sbyte.MaxValue)
                throw new ArgumentOutOfRangeException(nameof(index), $"Expected a device index from -1 (the current one) to {sbyte.MaxValue}, got {index}.");
            (type, this.index) = (deviceType, index);
        }

        public Device(string description)
        {
            ArgumentNullException.ThrowIfNull(description);
            var parts = description.Split(':');
            type = parts[0] switch
            {
                "cpu" => DeviceType.CPU,
                "cuda" => DeviceType.CUDA,
                "meta" => DeviceType.META,
                _ => throw Malformed(description),
            };
            index = parts.Length switch
            {
                1 => -1,
                2 when sbyte.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
                _ => throw Malformed(description),
            };
        }

        public DeviceType type { get; }

        public int index { get; }

        internal long Packed => (uint)type | ((long)index << 32);

        public override string ToString()
        {
#pragma warning disable CA1308 // libtorch's own spelling is lower case
            var name = type.ToString().ToLowerInvariant();
#pragma warning restore CA1308
            return index < 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{index}");
        }

        private static ArgumentException Malformed(string description) =>
            new($"Expected a device such as 'cpu', 'cuda' or 'cuda:0', got '{description}'.", nameof(description));
    }
}
