using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Updates;

/// <summary>
/// LoRA-Pro (arXiv 2407.18242): the changes of A and B whose joint effect on the weight, s B dA + s dB A, is nearest to the weight's own
/// gradient, and among these, those that are nearest to A's and B's gradients.
/// </summary>
/// <param name="A">The change of A, <c>[rank, in]</c>.</param>
/// <param name="B">The change of B, <c>[out, rank]</c>.</param>
/// <param name="X">What makes them nearest, <c>[rank, rank]</c>: it solves Sylvester's equation, and has no effect on the weight.</param>
internal readonly record struct ProGradients(Tensor A, Tensor B, Tensor X)
{
    /// <summary>B is as good as zero, which it is at the first step: A then moves nothing.</summary>
    private const double Nothing = 1e-12;

    /// <param name="a"><c>[rank, in]</c></param>
    /// <param name="b"><c>[out, rank]</c></param>
    /// <param name="gradA">Of the loss by A.</param>
    /// <param name="gradB">Of the loss by B.</param>
    /// <param name="scale">s.</param>
    public static ProGradients Of(Tensor a, Tensor b, Tensor gradA, Tensor gradB, double scale)
    {
        using var scope = NewDisposeScope();
        var s2 = scale * scale;
        var (valuesB, q) = linalg.eigh(b.T.mm(b));
        var (valuesA, r) = linalg.eigh(a.mm(a.T));
        var inverseA = Inverse(valuesA, r);
        if (valuesB.max().item<float>() < Nothing)
            return new ProGradients(
                gradA.clone().MoveToOuterDisposeScope(),
                gradB.mm(inverseA).div(s2).MoveToOuterDisposeScope(),
                zeros_like(inverseA).MoveToOuterDisposeScope());
        var inverseB = Inverse(valuesB, q);
        var ofA = inverseB.mm(gradA).div(s2);
        var ofB = gradB.sub(b.mm(inverseB.mm(b.T.mm(gradB)))).mm(inverseA).div(s2);
        var right = ofA.mm(a.T).neg();
        var sums = valuesB.unsqueeze(1).add(valuesA.unsqueeze(0)).add(Little(valuesB).add(Little(valuesA)));
        var x = q.mm(q.T.mm(right).mm(r).div(sums)).mm(r.T);
        return new ProGradients(
            ofA.add(x.mm(a)).MoveToOuterDisposeScope(), ofB.sub(b.mm(x)).MoveToOuterDisposeScope(), x.MoveToOuterDisposeScope());
    }

    /// <summary>The effect on the weight, <c>[out, in]</c>.</summary>
    public Tensor Effect(Tensor a, Tensor b, double scale) => b.mm(A).add(B.mm(a)).mul(scale);

    private static Tensor Inverse(Tensor values, Tensor vectors) => vectors.div(values.add(Little(values))).mm(vectors.T);

    /// <summary>Keeps what is divided by away from zero, without being seen where nothing is near it.</summary>
    private static Tensor Little(Tensor values) => values.mean().mul(1e-6).add(1e-8);
}
