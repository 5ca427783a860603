using System.Text.Json;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>From the bytes of a photograph to its embedding, against transformers' processor and the same weights.</summary>
public class GoldenPhotoTests
{
    [Theory]
    [InlineData(ComputePrecision.Float32)]
    [InlineData(ComputePrecision.BFloat16)]
    public void The_shipped_model_embeds_photographs_as_transformers_does(ComputePrecision precision)
    {
        using var scope = NewDisposeScope();
        var folder = Repository.PathOf("tests", "golden", "photos");
        using var expected = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        var names = JsonSerializer.Deserialize<string[]>(File.ReadAllText(Path.Combine(folder, "order.json")))!;
        using var model = EmbeddingModel.Load(Repository.PathOf("models", "vit-s-12-96"), TestDevice.Current, precision: precision);

        var actual = model.Embed([.. names.Select(name => decoder.Decode(File.ReadAllBytes(Path.Combine(folder, name))))]);

        var reference = expected.Read("image_embeds", float32).data<float>().ToArray().Chunk(model.EmbeddingLength).ToArray();
        Assert.Equal(names.Length, reference.Length);
        Assert.All(names.Index(), photo => Assert.True(Cosine(actual[photo.Index], reference[photo.Index]) >= 0.9995, photo.Item));
    }

    private static double Cosine(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(x => (double)x * x));
}
