using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Vision.Loading;
using TorchSharp;

namespace LoraRecycle.Cli.Benchmarks;

/// <summary>Times the model's forward pass on pixels that are on its device already, until its answer is back on the CPU.</summary>
internal sealed class ForwardBenchmark(EmbeddingModel model, TimeSpan duration, TimeProvider time)
{
    private const int WarmUps = 3;

    public BenchResult Run(int batch, CancellationToken cancellation)
    {
        using var scope = torch.NewDisposeScope();
        using var withoutGrad = torch.no_grad();
        // One grey picture tells the shape that the model takes; its content does not change the time.
        var grey = new DecodedImage(8, 8, new byte[8 * 8 * DecodedImage.Channels]);
        var pixels = model.Preprocessor.Preprocess([.. Enumerable.Repeat(grey, batch)], model.Device);

        for (var i = 0; i < WarmUps; i++)
            Embed(pixels);
        var times = new List<double>();
        for (var start = time.GetTimestamp(); times.Count == 0 || time.GetElapsedTime(start) < duration;)
        {
            cancellation.ThrowIfCancellationRequested();
            var before = time.GetTimestamp();
            Embed(pixels);
            times.Add(time.GetElapsedTime(before).TotalMilliseconds);
        }
        times.Sort();
        var median = times[times.Count / 2];
        return new BenchResult(batch, batch * 1000 / median, median, times.Count);
    }

    private void Embed(torch.Tensor pixels)
    {
        using var embedding = model.Embed(pixels);
        using var answer = embedding.cpu(); // waits for the device
    }
}
