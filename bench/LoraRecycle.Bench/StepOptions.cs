using System.Globalization;
using static TorchSharp.torch;

namespace LoraRecycle.Bench;

/// <summary>What a contestant of <c>bench/method.py</c> measures: <c>--files DIR</c>, <c>--device</c>, <c>--dtype</c>, <c>--threads</c>,
/// <c>--loras</c> (inversion: how many share the batch).</summary>
internal sealed record StepOptions(string Files, Device Device, ScalarType Precision, int Threads, int Loras)
{
    public static StepOptions Parse(string[] args)
    {
        var forward = ForwardOptions.Parse(args);
        return new StepOptions(
            Value("--files") ?? throw new ArgumentException("Expected --files DIR."), forward.Device, forward.Precision, forward.Threads,
            int.Parse(Value("--loras") ?? "1", CultureInfo.InvariantCulture));

        string? Value(string name) => Array.IndexOf(args, name) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
    }
}
