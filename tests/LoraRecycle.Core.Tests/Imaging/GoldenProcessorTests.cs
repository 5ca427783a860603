using System.Text.Json;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>Processors of families that do not prepare pictures as CLIP does, against what transformers made with the same file.</summary>
public sealed class GoldenProcessorTests
{
    private const double Tolerance = 0.01;

    [Theory]
    [InlineData("deit")]
    [InlineData("dinov3")]
    [InlineData("siglip2")]
    [InlineData("bit")]
    public void Photographs_give_the_pixels_of_the_reference(string name)
    {
        var folder = Repository.PathOf("tests", "golden", "processors", name);
        Assert.SkipUnless(Directory.Exists(folder), $"{folder} is made by tests/golden/make_families.py.");
        var preprocessor = new ImagePreprocessor(PreprocessorConfig.Read(PreprocessorConfig.PathIn(folder)!));
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        var files = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(Path.Combine(folder, "photos.json")))!;
        using var batch = preprocessor.Preprocess(
            [.. files.Select(file => decoder.Decode(File.ReadAllBytes(Repository.PathOf("tests", "golden", "photos", file))))],
            TestDevice.Current
        );
        using var reference = SafetensorsFile.Open(Path.Combine(folder, "expected.safetensors"));
        using var expected = reference.Read("pixel_values");
        Assert.Equal(expected.shape, batch.shape);
        using var error = (batch.cpu() - expected).abs().mean();
        Assert.InRange(error.item<float>(), 0, Tolerance);
    }
}
