using static TorchSharp.torch;

namespace LoraRecycle.Bench;

/// <summary>What a contestant of <c>bench/method.py</c> measures: <c>--files DIR</c>, <c>--device</c>, <c>--dtype</c>, <c>--threads</c>.</summary>
internal sealed record StepOptions(string Files, Device Device, ScalarType Precision, int Threads)
{
    public static StepOptions Parse(string[] args)
    {
        var forward = ForwardOptions.Parse(args);
        var files = Array.IndexOf(args, "--files");
        return new StepOptions(files < 0 ? throw new ArgumentException("Expected --files DIR.") : args[files + 1], forward.Device, forward.Precision, forward.Threads);
    }
}
