using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Lycoris;

/// <summary>One factor of a Kronecker product: a matrix, or a product of two thin ones.</summary>
/// <param name="Left">The matrix, <c>[rows, columns]</c>, or <c>[rows, rank]</c> where there is a right one.</param>
/// <param name="Right"><c>[rank, columns]</c>, or none.</param>
public sealed record KroneckerFactor(Tensor Left, Tensor? Right)
{
    /// <summary>The same as parameters of a module, which owns them from here on.</summary>
    internal KroneckerFactor OwnedBy(nn.Module module, string name) => Right is null
        ? new(LayerAdapter.Own(module, name, Left), null)
        : new(LayerAdapter.Own(module, $"{name}_a", Left), LayerAdapter.Own(module, $"{name}_b", Right));

    internal long? Rank => Right?.shape[0];

    internal Tensor Matrix() => Right is null ? Left : Left.mm(Right);
}
