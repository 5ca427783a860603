using System.Text.Json;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>From files to normalised pixels, against those that transformers' CLIPImageProcessor and Pillow made of the same
/// files.</summary>
public sealed class HuggingFacePixelTests
{
    private const double Tolerance = 0.01;

    private static readonly string Photos = Repository.PathOf("tests", "golden", "photos");

    [Theory]
    [InlineData(64)]
    [InlineData(96)]
    [InlineData(224)]
    public void Every_photograph_gives_the_pixels_of_the_reference(int edge)
    {
        var shipped = PreprocessorConfig.Read(Repository.PathOf("models", "vit-s-12-96", "preprocessor_config.json"));
        var preprocessor = new ImagePreprocessor(shipped with { Size = ResizeTarget.ShortestEdge(edge), CropSize = (edge, edge) });
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        var files = JsonSerializer.Deserialize<string[]>(File.ReadAllBytes(Path.Combine(Photos, "order.json")))!;

        using var batch = preprocessor.Preprocess(
            [.. files.Select(file => decoder.Decode(File.ReadAllBytes(Path.Combine(Photos, file))))],
            TestDevice.Current
        );

        using var reference = SafetensorsFile.Open(Path.Combine(Photos, "expected.safetensors"));
        using var pixelValues = reference.Read($"pixel_values_{edge}", torch.ScalarType.Float32);
        var expected = pixelValues.data<float>().ToArray();
        var actual = batch.cpu().data<float>().ToArray();
        Assert.Equal([files.Length, 3, edge, edge], batch.shape);
        Assert.Equal(pixelValues.shape, batch.shape);
        Assert.All(files, (file, i) =>
        {
            var length = expected.Length / files.Length;
            var error = Enumerable.Range(i * length, length).Average(at => Math.Abs(expected[at] - actual[at]));
            Assert.True(error <= Tolerance, $"{file}: mean absolute difference {error:g3}");
            TestContext.Current.TestOutputHelper?.WriteLine($"{file}: {error:g3}");
        });
    }
}
