using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Orthogonal;

/// <summary>Rotations of blocks of a layer's inputs, as what they do to its weight.</summary>
internal static class BlockRotation
{
    /// <summary>The weight of a layer whose inputs x were rotated first, block by block: x becomes x R.</summary>
    /// <param name="weight"><c>[out, blocks * size]</c></param>
    /// <param name="rotations"><c>[blocks, size, size]</c>, or <c>[1, size, size]</c> for all blocks alike.</param>
    /// <returns><c>[out, blocks * size]</c></returns>
    public static Tensor Apply(Tensor weight, Tensor rotations)
    {
        var size = rotations.shape[1];
        var blocks = weight.view(weight.shape[0], -1, size).transpose(0, 1);
        return blocks.bmm(rotations.mT.expand(blocks.shape[0], size, size)).transpose(0, 1).reshape(weight.shape);
    }

    /// <summary>Cayley's transform (I - S) (I + S)^-1, a rotation for every skew-symmetric S.</summary>
    /// <param name="skew"><c>[blocks, size, size]</c></param>
    public static Tensor Cayley(Tensor skew)
    {
        // The two factors commute, so that one solution does for both orders.
        var identity = eye(skew.shape[1], device: skew.device);
        return linalg.solve(identity.add(skew), identity.sub(skew));
    }
}
