using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>The three factors of B C A.</summary>
/// <param name="A"><c>[rank, in]</c>.</param>
/// <param name="B"><c>[out, rank]</c>.</param>
/// <param name="Core">C, <c>[rank, rank]</c>; or its diagonal, <c>[rank]</c>.</param>
/// <param name="CoreName">What its parameter is called.</param>
/// <param name="Start">What of the core is in the frozen weight already and counts as no change, of the core's shape; or none.</param>
internal sealed record CoreFactors(Tensor A, Tensor B, Tensor Core, string CoreName, Tensor? Start = null)
{
    public bool TrainsA { get; init; }

    public bool TrainsB { get; init; }
}
