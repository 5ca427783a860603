namespace LoraRecycle.Core.Imaging.Formats.Gif;

/// <summary>One frame of a GIF as it is stored.</summary>
internal readonly ref struct GifFrame
{
    public int Left { get; init; }

    public int Top { get; init; }

    public int Width { get; init; }

    public int Height { get; init; }

    public bool IsInterlaced { get; init; }

    /// <summary>The index that shows nothing, if there is one.</summary>
    public int? Transparent { get; init; }

    /// <summary>Red, green and blue of each index; greys where the file has no palette.</summary>
    public ReadOnlySpan<byte> Palette { get; init; }

    /// <summary>The compressed indices: their code size, blocks, and the empty block that ends them.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Whether the data end where they should, and can be decoded at all.</summary>
    public bool IsWhole { get; init; }
}
