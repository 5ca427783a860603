using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;

namespace LoraRecycle.Cli.Output;

/// <summary>What an inversion did and with what: what <c>--json</c> writes, and <c>run.json</c> beside the pools.</summary>
internal sealed record InversionReport(
    string Model,
    string? Prior,
    IReadOnlyList<string> Devices,
    string Precision,
    string Version,
    string Library,
    int Together,
    InversionSettings Settings,
    double Seconds,
    IReadOnlyList<PoolResult> Pools
);
