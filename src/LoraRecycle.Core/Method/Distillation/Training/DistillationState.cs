using System.Globalization;
using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Core.Safetensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Training;

/// <summary>Everything that a step changes: the meta-LoRA's values and Adam's means of their gradients. Written to and read from
/// checkpoints.</summary>
internal sealed class DistillationState : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private const string FingerprintKey = "fingerprint", StepKey = "step", SecondsKey = "seconds";

    private readonly Tensor _values, _mean, _square;

    /// <param name="values">[parameters]: stepped in place; not owned.</param>
    public DistillationState(Tensor values)
    {
        _values = values;
        _mean = zeros_like(values).DetachFromDisposeScope();
        _square = zeros_like(values).DetachFromDisposeScope();
    }

    public Device Device => _values.device;

    /// <summary>Steps done.</summary>
    public int Step { get; private set; }

    /// <summary>Time spent on them, earlier runs included.</summary>
    public double Seconds { get; set; }

    /// <summary>The losses that were read.</summary>
    public List<double> Curve { get; } = [];

    /// <summary>One step of Adam.</summary>
    /// <param name="gradient">[parameters].</param>
    /// <param name="learningRate">Of this step.</param>
    public void Learn(Tensor gradient, double learningRate)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        Step++;
        _mean.mul_(Beta1).add_(gradient, 1 - Beta1);
        _square.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        var denominator = _square.sqrt().div_(Math.Sqrt(1 - Math.Pow(Beta2, Step))).add_(Epsilon);
        _values.addcdiv_(_mean, denominator, -learningRate / (1 - Math.Pow(Beta1, Step)));
    }

    /// <param name="path">The file; replaced as a whole or not at all.</param>
    /// <param name="fingerprint">What the run is: a checkpoint of another run is never resumed.</param>
    public void Save(string path, string fingerprint)
    {
        using var scope = NewDisposeScope();
        var curve = tensor([.. Curve], [Curve.Count], ScalarType.Float64);
        SafetensorsWriter.Write(
            path,
            [("values", _values), ("mean", _mean), ("square", _square), ("curve", curve)],
            new Dictionary<string, string>
            {
                [FingerprintKey] = fingerprint,
                [StepKey] = Step.ToString(CultureInfo.InvariantCulture),
                [SecondsKey] = Seconds.ToString("R", CultureInfo.InvariantCulture),
            });
    }

    /// <summary>Goes on from a checkpoint, if there is one of this run.</summary>
    /// <exception cref="SafetensorsException">The checkpoint is damaged.</exception>
    public void Resume(string path, string fingerprint)
    {
        if (!File.Exists(path)) return;
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault(FingerprintKey) != fingerprint) return;
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        _values.copy_(file.Read("values"));
        _mean.copy_(file.Read("mean"));
        _square.copy_(file.Read("square"));
        Curve.AddRange(file.Read("curve").ToValues<double>());
        Step = int.Parse(file.Metadata[StepKey], CultureInfo.InvariantCulture);
        Seconds = double.Parse(file.Metadata[SecondsKey], CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _mean.Dispose();
        _square.Dispose();
    }
}
