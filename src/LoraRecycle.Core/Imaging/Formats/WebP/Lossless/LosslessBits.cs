namespace LoraRecycle.Core.Imaging.Formats.WebP.Lossless;

/// <summary>The bits of a lossless WebP, lowest first.</summary>
internal ref struct LosslessBits(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private long _next;

    /// <exception cref="ImageException">They are not all there.</exception>
    public int Read(int count)
    {
        if (_next + count > _data.Length * 8L)
            throw new ImageException(ImageFault.Damaged, "a whole lossless WebP", "data that ends early", Remedy.SendItWhole);
        var value = 0;
        for (var bit = 0; bit < count; bit++, _next++)
            value |= (_data[(int)(_next >> 3)] >> (int)(_next & 7) & 1) << bit;
        return value;
    }

    public bool ReadFlag() => Read(1) != 0;
}
