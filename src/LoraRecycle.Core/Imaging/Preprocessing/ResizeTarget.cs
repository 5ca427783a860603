namespace LoraRecycle.Core.Imaging.Preprocessing;

/// <summary>The size that pictures are resized to: exact, or by the shorter edge with the aspect kept.</summary>
public sealed record ResizeTarget
{
    private readonly int _height;
    private readonly int _width;
    private readonly bool _keepsAspect;

    private ResizeTarget(int height, int width, bool keepsAspect) => (_height, _width, _keepsAspect) = (height, width, keepsAspect);

    /// <summary>Every picture becomes <paramref name="height"/> x <paramref name="width"/>, whatever its aspect.</summary>
    public static ResizeTarget Exact(int height, int width) => new(height, width, keepsAspect: false);

    /// <summary>The shorter edge becomes <paramref name="pixels"/>, the longer one follows.</summary>
    public static ResizeTarget ShortestEdge(int pixels) => new(pixels, pixels, keepsAspect: true);

    /// <summary>What a picture of <paramref name="height"/> x <paramref name="width"/> is resized to. The longer edge is truncated, as in
    /// transformers.</summary>
    public (int Height, int Width) For(int height, int width)
    {
        if (!_keepsAspect)
            return (_height, _width);
        return width <= height
            ? ((int)((long)_height * height / width), _width)
            : (_height, (int)((long)_width * width / height));
    }
}
