using static TorchSharp.torch;

namespace LoraRecycle.Bench;

/// <summary>What to measure: <c>--model DIR</c> or <c>--random vit-b-16</c>, <c>--device</c>, <c>--dtype</c>, <c>--threads</c>.</summary>
internal sealed record ForwardOptions(string? Model, Device Device, ScalarType Precision, int Threads)
{
    public static ForwardOptions Parse(string[] args)
    {
        var values = args.Chunk(2)
            .ToDictionary(
                pair => pair[0],
                pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"Expected a value after {pair[0]}.")
            );
        return new ForwardOptions(
            values.GetValueOrDefault("--model"),
            device(values.GetValueOrDefault("--device", "cpu")),
            values.GetValueOrDefault("--dtype", "float32") switch
            {
                "float32" => ScalarType.Float32,
                "bfloat16" => ScalarType.BFloat16,
                var other => throw new ArgumentException($"Expected --dtype float32 or bfloat16, got {other}."),
            },
            int.Parse(values.GetValueOrDefault("--threads", "0"), null));
    }
}
