using LoraRecycle.Core.Method.Distillation.Training;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Tests.Inversion;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

public sealed class TrainingTemperatureTests : IDisposable
{
    private readonly DistillationFixture _fixture = new();

    [Fact]
    public void It_is_a_sixteenth_of_the_mean_squared_distance_of_two_images()
    {
        using var scope = NewDisposeScope();
        using var set = _fixture.Set();
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        using var withoutGrad = no_grad();
        var embeddings = _fixture.Model.call(pixels.FromBytes(set.Images)).Embedding.to(ScalarType.Float64);
        var count = embeddings.shape[0];
        var distances = 0.0;
        for (var i = 0; i < count; i++)
            for (var j = 0; j < count; j++) distances += (embeddings[i] - embeddings[j]).square().sum().item<double>();

        var temperature = TrainingTemperature.Of(_fixture.Model, pixels, set.Images);

        Assert.Equal(distances / (count * count) / 16, temperature, 1e-4 * temperature);
    }

    [Fact]
    public void Images_that_all_look_the_same_give_one()
    {
        using var scope = NewDisposeScope();
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        var size = _fixture.Model.Config.ImageSize;
        Assert.Equal(1, TrainingTemperature.Of(_fixture.Model, pixels, full([1, 3, size, size], 7, ScalarType.Byte)));
    }

    [Fact]
    public void A_run_that_was_given_none_says_which_it_chose()
    {
        using var result = _fixture.Run(DistillationFixture.Settings with { Temperature = null });
        Assert.True(result.Settings.Temperature > 0);
    }

    public void Dispose() => _fixture.Dispose();
}
