using LoraRecycle.Core.Method.Distillation;

namespace LoraRecycle.Cli.Output;

/// <summary>What a distillation was made of and how it went (<c>run.json</c>); losses are averaged over each 25 steps.</summary>
internal sealed record DistillationReport(
    string Model,
    IReadOnlyList<string> Devices,
    string Precision,
    string Version,
    string Library,
    IReadOnlyList<string> Pools,
    DistillationSettings Settings,
    double Seconds,
    IReadOnlyList<double> Losses
);
