using System.Globalization;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Tests.Imaging;

namespace LoraRecycle.Core.Tests.Evaluation;

public sealed class DecodedBatchesTests
{
    private static readonly DecodedBatches Batches = new(new ImageDecoder(new ImageDecoderOptions()), batchSize: 7);

    [Fact]
    public void Images_come_in_the_order_given_though_all_cores_decode_them()
    {
        string[] names = [.. Enumerable.Range(0, 100).Reverse().Select(i => i.ToString(CultureInfo.InvariantCulture))];

        var seen = Batches.Of(names, Read, TestContext.Current.CancellationToken)
            .SelectMany(batch => batch.Names.Zip(batch.Images, (name, image) => (name, image.Pixels[0]))).ToArray();

        Assert.Equal(names.Select(name => (name, byte.Parse(name, CultureInfo.InvariantCulture))), seen);
    }

    [Fact]
    public void The_image_that_cannot_be_decoded_is_named()
    {
        string[] names = ["1", "broken", "2"];

        var wrong = Assert.Throws<DataSetException>(() => Batches.Of(names, Read, TestContext.Current.CancellationToken).ToArray());

        Assert.StartsWith("Image 'broken' cannot be used. Expected a JPEG", wrong.Message, StringComparison.Ordinal);
    }

    // Of different sizes, so that they are ready at different times.
    private static byte[] Read(string name) => byte.TryParse(name, CultureInfo.InvariantCulture, out var colour)
        ? Png.Of(10 + colour * 3, 100, Png.Grey, 8, (_, _) => [colour])
        : "none"u8.ToArray();
}
