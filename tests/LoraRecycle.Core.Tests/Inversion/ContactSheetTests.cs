using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Inversion;

public sealed class ContactSheetTests
{
    [Fact]
    public void A_contact_sheet_shows_images_masks_and_masked_images_by_class()
    {
        using var folder = new ScratchFolder();
        using var pool = SyntheticPoolTests.Pool();
        ContactSheet.Write(folder.PathOf("sheet.png"), pool, 0.5);
        var sheet = new ImageDecoder(new ImageDecoderOptions()).Decode(File.ReadAllBytes(folder.PathOf("sheet.png")));
        Assert.Equal(ContactSheet.Render(pool, 0.5).Pixels, sheet.Pixels);

        // Two classes of one image each, 8 pixels wide and shown eight times as large; the patch at the top right stays, that at the top
        // left goes.
        Assert.Equal((2 + 66, 8 + (2 * ((3 * 66) + 8))), (sheet.Width, sheet.Height));
        byte[] image = [.. Enumerable.Range(0, 3).Select(channel => pool.Images.data<byte>()[0, channel, 0, 7])];
        Assert.Equal(image, Pixel(2 + 63, 8));
        Assert.Equal([255, 255, 255], Pixel(2 + 63, 8 + 66));
        Assert.Equal(image, Pixel(2 + 63, 8 + 132));
        Assert.Equal([0, 0, 0], Pixel(2, 8 + 66));
        Assert.Equal([96, 96, 96], Pixel(2, 8 + 132));

        byte[] Pixel(int x, int y) => sheet.Pixels.AsSpan(((y * sheet.Width) + x) * 3, 3).ToArray();
    }
}
