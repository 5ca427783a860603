using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>The picture that all tests use: red and green above, blue and white below.</summary>
internal static class Quadrants
{
    public const int Width = 48;
    public const int Height = 32;

    /// <summary>The colour of one quadrant: 0 red, 1 green, 2 blue, 3 white.</summary>
    public static (byte Red, byte Green, byte Blue) Colour(int quadrant) => quadrant switch
    {
        0 => (255, 0, 0),
        1 => (0, 255, 0),
        2 => (0, 0, 255),
        _ => (255, 255, 255),
    };

    public static int At(int x, int y) => (y >= Height / 2 ? 2 : 0) + (x >= Width / 2 ? 1 : 0);

    /// <summary>The four quadrants' middles, named by the closest of R, G, B, W and K (black): "RGBW" when upright.</summary>
    public static string Letters(DecodedImage image)
    {
        Span<char> letters = stackalloc char[4];
        for (var i = 0; i < 4; i++)
        {
            var (red, green, blue) = PixelOf(image, i);
            letters[i] = (red > 200, green > 200, blue > 200) switch
            {
                (true, true, true) => 'W',
                (true, false, false) => 'R',
                (false, true, false) => 'G',
                (false, false, true) => 'B',
                (false, false, false) => 'K',
                _ => '?',
            };
        }
        return new string(letters);
    }

    /// <summary>The pixel in the middle of a quadrant.</summary>
    public static (byte Red, byte Green, byte Blue) PixelOf(DecodedImage image, int quadrant)
    {
        var x = image.Width * (quadrant % 2 == 0 ? 1 : 3) / 4;
        var y = image.Height * (quadrant / 2 == 0 ? 1 : 3) / 4;
        var at = (y * image.Width + x) * DecodedImage.Channels;
        return (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
    }
}
