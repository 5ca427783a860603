using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Formats.Png;

namespace LoraRecycle.Core.Method.Inversion.Pools;

/// <summary>A picture of a pool for people to look at: class by class a row of images, of masks, and of images under their masks.</summary>
public static class ContactSheet
{
    private const int Gap = 2, ClassGap = 8;
    private const byte Paper = 255, Masked = 96;

    /// <param name="pool">The images.</param>
    /// <param name="masked">The share of patches to mask, 0 to under 1.</param>
    /// <param name="perClass">The most images to show of a class.</param>
    /// <param name="smallestTile">Images of fewer pixels a side are shown in whole multiples of their size.</param>
    public static DecodedImage Render(SyntheticPool pool, double masked, int perClass = 10, int smallestTile = 64)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(perClass, 1);
        var side = (int)pool.Images.shape[2];
        var scale = Math.Max(1, (smallestTile + side - 1) / side);
        var tile = (side * scale) + Gap;
        using var positions = pool.Kept(masked);
        var (samples, labels, kept) = (
            pool.Images.data<byte>().ToArray(),
            pool.Labels.data<long>().ToArray(),
            positions.data<long>().ToArray()
        );
        var perImage = kept.Length / pool.Count;
        var rows = labels.Index().GroupBy(image => image.Item).OrderBy(group => group.Key)
            .Select(group => group.Take(perClass).Select(image => image.Index).ToArray()).ToArray();

        var width = Gap + (rows.Max(row => row.Length) * tile);
        var height = ClassGap + (rows.Length * ((3 * tile) + ClassGap));
        var pixels = new byte[width * height * DecodedImage.Channels];
        Array.Fill(pixels, Paper);
        for (var row = 0; row < rows.Length; row++)
            for (var column = 0; column < rows[row].Length; column++)
            {
                var image = rows[row][column];
                var stays = kept.AsSpan(image * perImage, perImage).ToArray().ToHashSet();
                var (left, top) = (Gap + (column * tile), ClassGap + (row * ((3 * tile) + ClassGap)));
                for (var y = 0; y < side * scale; y++)
                    for (var x = 0; x < side * scale; x++)
                        Paint(image, stays, y / scale, x / scale, (((top + y) * width) + left + x) * DecodedImage.Channels);
            }
        return new DecodedImage(width, height, pixels);

        void Paint(int image, HashSet<long> stays, int y, int x, int at)
        {
            var (grid, patch) = (pool.Grid, pool.Info.PatchSize);
            var isKept = y / patch < grid && x / patch < grid && stays.Contains((y / patch * grid) + (x / patch));
            var strip = tile * width * DecodedImage.Channels;
            for (var channel = 0; channel < DecodedImage.Channels; channel++)
            {
                var sample = samples[(((image * DecodedImage.Channels) + channel) * side + y) * side + x];
                pixels[at + channel] = sample;
                pixels[at + strip + channel] = isKept ? Paper : (byte)0;
                pixels[at + (2 * strip) + channel] = isKept ? sample : Masked;
            }
        }
    }

    /// <summary>Renders a sheet into a PNG file, under a temporary name first.</summary>
    public static void Write(string path, SyntheticPool pool, double masked, int perClass = 10)
    {
        var sheet = Render(pool, masked, perClass);
        WholeFile.Write(path, stream => PngEncoder.Write(sheet, stream));
    }
}
