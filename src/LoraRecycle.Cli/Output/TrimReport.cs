using LoraRecycle.Core.Adapters.Algebra.Analysis;

namespace LoraRecycle.Cli.Output;

/// <summary>What <c>market trim</c> took of a LoRA.</summary>
/// <param name="Model">That it is for.</param>
/// <param name="Version">Of this program.</param>
/// <param name="Adapter">The name of its directory or file.</param>
/// <param name="Revision">Its SHA-256.</param>
/// <param name="Share">How much intruders kept.</param>
/// <param name="Intruders">How many there were.</param>
/// <param name="Layers">Those that had some.</param>
internal sealed record TrimReport(
    string Model, string Version, string Adapter, string Revision, double Share, int Intruders, IReadOnlyList<TrimmedLayer> Layers);
