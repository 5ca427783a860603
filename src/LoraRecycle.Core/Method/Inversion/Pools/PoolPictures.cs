using LoraRecycle.Core.Imaging;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Pools;

/// <summary>Single images of a pool, and their masks, as pictures.</summary>
public static class PoolPictures
{
    /// <param name="pool">The images.</param>
    /// <param name="index">Which.</param>
    public static DecodedImage Image(SyntheticPool pool, int index)
    {
        ArgumentNullException.ThrowIfNull(pool);
        RequireInside(pool, index);
        using var scope = NewDisposeScope();
        var side = (int)pool.Images.shape[2];
        // Planes of colours become pixels.
        return new DecodedImage(side, side, pool.Images[index].permute(1, 2, 0).contiguous().data<byte>().ToArray());
    }

    /// <summary>White where patches stay, black where they are masked.</summary>
    /// <param name="pool">The images.</param>
    /// <param name="index">Which.</param>
    /// <param name="masked">The share of patches to mask, 0 to under 1.</param>
    public static DecodedImage Mask(SyntheticPool pool, int index, double masked)
    {
        ArgumentNullException.ThrowIfNull(pool);
        RequireInside(pool, index);
        using var scope = NewDisposeScope();
        var stays = pool.Kept(masked)[index].data<long>().ToArray().ToHashSet();
        var (side, grid, patch) = ((int)pool.Images.shape[2], pool.Grid, pool.Info.PatchSize);
        var pixels = new byte[side * side * DecodedImage.Channels];
        for (var y = 0; y < grid * patch; y++)
            for (var x = 0; x < grid * patch; x++)
                if (stays.Contains((y / patch * grid) + (x / patch)))
                    pixels.AsSpan(((y * side) + x) * DecodedImage.Channels, DecodedImage.Channels).Fill(byte.MaxValue);
        return new DecodedImage(side, side, pixels);
    }

    private static void RequireInside(SyntheticPool pool, int index)
    {
        if (index < 0 || index >= pool.Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"Expected 0 to {pool.Count - 1}.");
    }
}
