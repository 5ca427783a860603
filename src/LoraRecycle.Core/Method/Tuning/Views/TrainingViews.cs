using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Foundation.Randomness;
using LoraRecycle.Core.Method.Distillation.Steps;
using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Options;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Views;

/// <summary>
/// Batches of labelled images, mirrored at random, and what else is asked for: several views of each, crops, colours, line drawings,
/// mixtures. Whatever is drawn for these is drawn beside the batches, so that those stay plain LoRA's.
/// </summary>
/// <param name="images">All of them.</param>
/// <param name="settings">How to tune.</param>
/// <param name="device">Where to.</param>
/// <param name="generator">Of the batches.</param>
/// <param name="seed">Of all else.</param>
internal sealed class TrainingViews(LabelledImages images, TuningSettings settings, Device device, Generator generator, ulong seed)
    : IResumable, IDisposable
{
    private const string Order = "views.order", Position = "views.position", Drawn = "views.random", Batches = "views.generator";

    private readonly ShuffledBatches _batches = new(images, settings.BatchSize, settings.Flips, device, generator);
    private readonly int _count = Math.Min(settings.BatchSize, images.Count);
    private readonly LineDrawing? _lines = settings.Views.Lines > 0 ? new LineDrawing(device) : null;
    private SplitMix64 _random = new(seed);

    /// <returns>For the caller's dispose scope.</returns>
    public Batch Next()
    {
        var (pixels, labels) = _batches.Next();
        var views = settings.Views;
        var seen = views.Count == 1
            ? View(pixels)
            : cat([.. Enumerable.Range(0, views.Count).Select(_ => View(pixels))]);
        var repeated = views.Count == 1 ? labels : labels.repeat(views.Count);
        if (settings.Objective == Objective.Prototypes) (seen, repeated) = Paired(seen, repeated);
        if (!views.Mixup) return new Batch(seen, repeated);
        var own = _random.NextDouble();
        long[] order = [.. Enumerable.Range(0, (int)seen.shape[0]).Select(image => (long)image)];
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = _random.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        var others = tensor(order, device: device);
        return new Batch(seen.mul(own).add(seen.index_select(0, others), 1 - own), repeated, (repeated.index_select(0, others), own));
    }

    public void Save(TuningState state)
    {
        var (order, position) = _batches.Place;
        state.Put(Order, order!);
        state.Put(Position, (ulong)position);
        state.Put(Drawn, _random.State);
        state.Put(Batches, generator.get_state());
    }

    public void Resume(TuningState state)
    {
        _batches.GoTo(state.Tensor(Order), (int)state.Number(Position));
        _random = new SplitMix64(state.Number(Drawn));
        generator.set_state(state.Tensor(Batches));
    }

    public void Dispose()
    {
        _batches.Dispose();
        _lines?.Dispose();
    }

    /// <summary>Prototypes that leave an image out need another one of its class: its mirror image, where there is none.</summary>
    private static (Tensor Pixels, Tensor Labels) Paired(Tensor pixels, Tensor labels)
    {
        var (_, _, counts) = labels.unique(return_counts: true);
        return counts!.min().item<long>() > 1 ? (pixels, labels) : (cat([pixels, pixels.flip(3)]), labels.repeat(2));
    }

    private Tensor View(Tensor pixels)
    {
        var views = settings.Views;
        var seen = pixels;
        if (views.SmallestCrop < 1) seen = Cropped(seen, views.SmallestCrop);
        if (views.Colour > 0) seen = Coloured(seen, views.Colour);
        if (_lines is not null) seen = AsLines(seen, views.Lines);
        return seen;
    }

    private Tensor Cropped(Tensor pixels, double smallest)
    {
        var places = new float[pixels.shape[0] * 6];
        for (var image = 0; image < pixels.shape[0]; image++)
        {
            var part = smallest + ((1 - smallest) * _random.NextDouble());
            var (x, y) = ((1 - part) * Around(), (1 - part) * Around());
            ((ReadOnlySpan<float>)[(float)part, 0, (float)x, 0, (float)part, (float)y]).CopyTo(places.AsSpan(image * 6));
        }
        var grid = nn.functional.affine_grid(
            tensor(places, [pixels.shape[0], 2, 3], device: device), [.. pixels.shape], align_corners: false);
        return nn.functional.grid_sample(pixels, grid, padding_mode: GridSamplePaddingMode.Border, align_corners: false);
    }

    /// <summary>Contrast about grey, then brightness, of normalised samples.</summary>
    private Tensor Coloured(Tensor pixels, double most)
    {
        var (contrast, brightness) = (PerImage(() => 1 + (most * Around())), PerImage(() => most * Around()));
        return pixels.mul(contrast).add(brightness);
    }

    private Tensor AsLines(Tensor pixels, double share)
    {
        // Normalised samples have about this mean and deviation in every model's preprocessing.
        const double Mean = 0.5, Deviation = 0.25;
        var lines = _lines!.Of(pixels.mul(Deviation).add(Mean).clamp(0, 1)).sub(Mean).div(Deviation);
        var drawn = PerImage(() => _random.NextDouble() < share ? 1 : 0);
        return pixels.mul(1 - drawn).add(lines.mul(drawn));
    }

    private Tensor PerImage(Func<double> draw)
    {
        float[] values = [.. Enumerable.Range(0, _count).Select(_ => (float)draw())];
        return tensor(values, [_count, 1, 1, 1], device: device);
    }

    private double Around() => (2 * _random.NextDouble()) - 1;
}
