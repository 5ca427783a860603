using LoraRecycle.Core.Adapters.Algebra.Conversion;

namespace LoraRecycle.Cli.Output;

/// <summary>What <c>market convert</c> made of an adapter.</summary>
/// <param name="Model">That it was made for.</param>
/// <param name="Version">Of this program.</param>
/// <param name="Library">Of libtorch.</param>
/// <param name="Adapter">The name of its directory or file.</param>
/// <param name="Revision">Its SHA-256.</param>
/// <param name="Family">That it was of.</param>
/// <param name="Parameters">How many numbers it trained.</param>
/// <param name="LoraParameters">How many the LoRA has.</param>
/// <param name="IsExact">Whether every layer is exact but for rounding.</param>
/// <param name="LargestError">Of all layers: the largest norm of what is lacking of the change, relative to the change.</param>
/// <param name="Layers">Each layer.</param>
internal sealed record ConversionReport(
    string Model, string Version, string Library, string Adapter, string Revision, string Family, long Parameters, long LoraParameters,
    bool IsExact, double LargestError, IReadOnlyList<ConvertedLayer> Layers);
