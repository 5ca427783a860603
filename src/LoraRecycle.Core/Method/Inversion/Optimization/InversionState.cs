using System.Globalization;
using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Core.Safetensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>
/// Everything that an iteration changes: images, Adam's means, the best batch so far of each LoRA, and which LoRAs are
/// still well. All of it stays on the device, and is written to and read from a checkpoint.
/// </summary>
internal sealed class InversionState : IDisposable
{
    // Well above any loss of a run that will end well, well below where float32 ends.
    private const double Divergence = 1e6;

    private const string FingerprintKey = "fingerprint", IterationKey = "iteration", SecondsKey = "seconds";

    private readonly Dictionary<string, Tensor> _tensors;

    private InversionState(IEnumerable<(string Name, Tensor Value)> tensors) =>
        _tensors = tensors.ToDictionary(entry => entry.Name, entry => entry.Value.DetachFromDisposeScope());

    /// <summary>Iterations done.</summary>
    public int Iteration { get; private set; }

    /// <summary>Time spent on them, earlier runs included.</summary>
    public double Seconds { get; set; }

    /// <summary>[groups, n, 3, canvas, canvas], float32, normalised.</summary>
    public Tensor Pixels => _tensors["pixels"];

    /// <summary>The batch of each LoRA at its lowest loss; shaped as <see cref="Pixels"/>.</summary>
    public Tensor Best => _tensors["best"];

    /// <summary>[groups].</summary>
    public Tensor BestLoss => _tensors["best_loss"];

    /// <summary>The iteration at which a LoRA's loss stopped to be a usable number, or -1; [groups], int64.</summary>
    public Tensor FailedAt => _tensors["failed_at"];

    /// <summary>The losses that were read, [reads, groups].</summary>
    public List<float[]> Curve { get; } = [];

    private Tensor Mean => _tensors["mean"];

    private Tensor Square => _tensors["square"];

    /// <param name="noise">[groups, n, 3, canvas, canvas], on the device where to compute; taken over.</param>
    public static InversionState Start(Tensor noise)
    {
        using var scope = NewDisposeScope();
        var (groups, device) = (noise.shape[0], noise.device);
        return new(
        [
            ("pixels", noise), ("mean", zeros_like(noise)), ("square", zeros_like(noise)), ("best", noise.clone()),
            ("best_loss", full([groups], float.PositiveInfinity, ScalarType.Float32, device)),
            ("failed_at", full([groups], -1, ScalarType.Int64, device)),
        ]);
    }

    /// <summary>Forgets the best batches: from here on losses are of another kind.</summary>
    public void ForgetBest() => BestLoss.fill_(float.PositiveInfinity);

    /// <summary>One step of Adam, clipped to valid pixels. A LoRA that diverged is left alone; the others do not notice.</summary>
    /// <param name="losses">[groups], of the pixels as they are.</param>
    /// <param name="gradient">Of the sum of losses, shaped as <see cref="Pixels"/>.</param>
    /// <param name="settings">Adam's.</param>
    /// <param name="space">What pixels are valid.</param>
    /// <param name="schedule">At this iteration. Nothing here reads <see cref="Iteration"/>: a recorded step is every iteration's.</param>
    public void Step(Tensor losses, Tensor gradient, InversionSettings settings, PixelSpace space, InversionSchedule schedule)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var groups = Pixels.shape[0];
        var usable = losses.abs().lt(Divergence).logical_and(gradient.flatten(1).abs().amax([1]).lt(float.MaxValue));
        var well = FailedAt.lt(0);
        var alive = well.logical_and(usable);
        FailedAt.copy_(where(well.logical_and(usable.logical_not()), schedule.Iteration(), FailedAt));

        var better = alive.logical_and(losses.lt(BestLoss));
        Best.copy_(where(better.view(groups, 1, 1, 1, 1), Pixels, Best));
        BestLoss.copy_(where(better, losses, BestLoss));

        var safe = where(alive.view(groups, 1, 1, 1, 1), gradient, zeros_like(gradient));
        Mean.mul_(settings.Beta1).add_(safe, 1 - settings.Beta1);
        Square.mul_(settings.Beta2).addcmul_(safe, safe, 1 - settings.Beta2);
        var denominator = Square.sqrt().mul_(schedule.SquareCorrection()).add_(1e-8);
        Pixels.sub_(Mean.div(denominator).mul_(schedule.StepSize()));
        Pixels.copy_(Pixels.minimum(space.High).maximum(space.Low));
    }

    /// <summary>Counts a step that was taken.</summary>
    public void Advance() => Iteration++;

    /// <param name="path">The file; replaced as a whole or not at all.</param>
    /// <param name="fingerprint">What the run is: a checkpoint of another run is never resumed.</param>
    public void Save(string path, string fingerprint)
    {
        using var scope = NewDisposeScope();
        var curve = tensor([.. Curve.SelectMany(losses => losses)], [Curve.Count, Pixels.shape[0]]);
        SafetensorsWriter.Write(
            path,
            [.. _tensors.Select(entry => (entry.Key, entry.Value)), ("curve", curve)],
            new Dictionary<string, string>
            {
                [FingerprintKey] = fingerprint,
                [IterationKey] = Iteration.ToString(CultureInfo.InvariantCulture),
                [SecondsKey] = Seconds.ToString("R", CultureInfo.InvariantCulture),
            });
    }

    /// <returns>Null where there is no checkpoint of this run.</returns>
    /// <exception cref="SafetensorsException">The checkpoint is damaged.</exception>
    public static InversionState? Resume(string path, string fingerprint, Device device)
    {
        if (!File.Exists(path)) return null;
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault(FingerprintKey) != fingerprint) return null;
        using var scope = NewDisposeScope();
        var state = new InversionState(file.Entries.Keys.Where(name => name != "curve").Select(name => (name, file.Read(name).to(device))))
        {
            Iteration = int.Parse(file.Metadata[IterationKey], CultureInfo.InvariantCulture),
            Seconds = double.Parse(file.Metadata[SecondsKey], CultureInfo.InvariantCulture),
        };
        var curve = file.Read("curve");
        state.Curve.AddRange(curve.ToValues<float>().Chunk((int)curve.shape[1]));
        return state;
    }

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values) tensor.Dispose();
    }
}
