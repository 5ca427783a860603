using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>
/// Knowledge-aware singular-value adaptation (KaSA, arXiv 2412.06071): the frozen weight loses as many of its smallest
/// singular values as the rank says, and B diag(d) A takes their place: W - T + scale B diag(d) A, T being what it loses.
/// </summary>
public sealed class KasaLayer : LayerAdapter
{
    private readonly Parameter _a;
    private readonly Parameter _b;
    private readonly Parameter _diagonal;
    private readonly double _scale;
    private readonly Lock _guard = new();
    private Tail? _tail;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="a"><c>[rank, in]</c>, the rank being below the lesser of in and out; taken over.</param>
    /// <param name="b"><c>[out, rank]</c>; taken over.</param>
    /// <param name="diagonal">d, <c>[rank]</c>; taken over.</param>
    /// <param name="scale">The factor before the product.</param>
    public KasaLayer(string layerName, Tensor a, Tensor b, Tensor diagonal, double scale)
        : base(layerName)
    {
        (Rank, _scale) = (a.shape[0], scale);
        _a = Own("lora_A", a);
        _b = Own("lora_B", b);
        _diagonal = Own("lora_diag", diagonal);
    }

    /// <summary>Of B diag(d) A, and how many singular values are dropped; the change of the weight has up to twice that rank.</summary>
    public long Rank { get; }

    public override long? NominalRank => Rank;

    public override string? Variant => "KaSA";

    /// <inheritdoc/>
    /// <remarks>As a side branch of twice the rank. What the weight loses is found once and kept for the next pass over the same
    /// weight.</remarks>
    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var tail = Kept(weight);
        var down = cat([_a, tail.Right]);
        var up = cat([_b.mul(_diagonal).mul(_scale), tail.Left.neg()], 1);
        var branch = nn.functional.linear(nn.functional.linear(input, down.to(input.dtype)), up.to(input.dtype));
        return nn.functional.linear(input, weight, bias).add(branch).MoveToOuterDisposeScope();
    }

    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias) => (weight.add(WeightDelta(weight)), bias);

    protected override Tensor WeightDelta(Tensor weight)
    {
        using var tail = TailOf(weight);
        return _b.mul(_diagonal).mm(_a).mul(_scale).sub(tail.Left.mm(tail.Right));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _tail?.Dispose();
        base.Dispose(disposing);
    }

    private Tail Kept(Tensor weight)
    {
        lock (_guard)
        {
            // A layer's weight stays the same object for as long as the model lives; another is another model's.
            return _tail is not null && ReferenceEquals(_tail.Of, weight) ? _tail : _tail = TailOf(weight);
        }
    }

    /// <summary>The part of a weight that belongs to its smallest singular values. Always in float32, as PEFT computes it.</summary>
    private Tail TailOf(Tensor weight)
    {
        // Kept beyond this pass, which may be one that records nothing for gradients when a later one does.
        using var recordable = inference_mode(false);
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var (u, s, vh) = linalg.svd(weight.detach().to(ScalarType.Float32), fullMatrices: false);
        var first = s.shape[0] - Rank;
        var left = u.narrow(1, first, Rank).mul(s.narrow(0, first, Rank));
        return new Tail(weight, left.DetachFromDisposeScope(), vh.narrow(0, first, Rank).clone().DetachFromDisposeScope());
    }

    /// <param name="Of">The weight.</param>
    /// <param name="Left"><c>[out, rank]</c></param>
    /// <param name="Right"><c>[rank, in]</c></param>
    private sealed record Tail(Tensor Of, Tensor Left, Tensor Right) : IDisposable
    {
        public void Dispose()
        {
            Left.Dispose();
            Right.Dispose();
        }
    }
}
