using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Orthogonal;

/// <summary>How far and how exactly an <see cref="OftLayer"/> rotates.</summary>
/// <param name="BlockSize">How many inputs are rotated together.</param>
/// <param name="NeumannTerms">Terms of the series that stands for the inverse in Cayley's transform; 0 for the inverse itself.</param>
/// <param name="LargestNorm">The norm that a block's generator is cut to (constrained OFT), or none.</param>
public sealed record OftRotation(long BlockSize, int NeumannTerms, double? LargestNorm);

/// <summary>Orthogonal fine-tuning (arXiv 2306.07280): blocks of the inputs are rotated, the weight itself stays.</summary>
public sealed class OftLayer : LayerAdapter
{
    private readonly Parameter _generators;
    private readonly Tensor _upper;
    private readonly OftRotation _rotation;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="generators">The upper triangles of skew-symmetric matrices, row by row, <c>[blocks, size (size - 1) / 2]</c>; one for
    /// all blocks where they share it. Taken over.</param>
    /// <param name="rotation">What they mean.</param>
    public OftLayer(string layerName, Tensor generators, OftRotation rotation)
        : base(layerName)
    {
        _rotation = rotation;
        _generators = Own("oft_R", generators);
        _upper = Keep("upper", tensor(UpperTriangle(rotation.BlockSize)).to(_generators.device));
    }

    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias) =>
        (BlockRotation.Apply(weight, Rotations()), bias);

    private Tensor Rotations()
    {
        var (blocks, size) = (_generators.shape[0], _rotation.BlockSize);
        Tensor generators = _generators;
        if (_rotation.LargestNorm is { } most)
        {
            // The matrix has every entry twice, the vector once.
            var norm = generators.norm(1, keepdim: true).mul(Math.Sqrt(2));
            generators = where(norm.le(most), generators, generators.mul(most).div(norm.clamp(min: 1e-30)));
        }
        var upper = zeros([blocks, size * size], device: generators.device)
            .scatter(1, _upper.unsqueeze(0).expand(blocks, -1), generators)
            .view(blocks, size, size);
        var skew = upper.sub(upper.mT);
        return _rotation.NeumannTerms == 0 ? BlockRotation.Cayley(skew) : Series(skew);
    }

    /// <summary>
    /// (I + S)(I - S)^-1 as PEFT 0.18 and later approximate it: I + 2 S + 2 S^2 + ..., the last power but once. It turns
    /// the other way than the exact transform does.
    /// </summary>
    private Tensor Series(Tensor skew)
    {
        var terms = _rotation.NeumannTerms;
        var sum = eye(skew.shape[1], device: skew.device).unsqueeze(0).expand(skew.shape[0], -1, -1);
        if (terms > 1)
            sum = sum.add(skew, 2);
        if (terms <= 2)
            return sum;
        var power = skew.bmm(skew);
        sum = sum.add(power, 2);
        for (var exponent = 3; exponent < terms - 1; exponent++)
        {
            power = power.bmm(skew);
            sum = sum.add(power, 2);
        }
        return sum.add(power.bmm(skew));
    }

    private static long[] UpperTriangle(long size)
    {
        var places = new long[size * (size - 1) / 2];
        var next = 0;
        for (long row = 0; row < size; row++)
            for (var column = row + 1; column < size; column++)
                places[next++] = (row * size) + column;
        return places;
    }
}
