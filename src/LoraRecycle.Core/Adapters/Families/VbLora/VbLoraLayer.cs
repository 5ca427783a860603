using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.VbLora;

/// <summary>
/// VB-LoRA (arXiv 2405.15179): W + B A, where every piece of A's rows and B's columns is a mixture of the few vectors of
/// a bank that its logits rank highest. All layers share the bank.
/// </summary>
public sealed class VbLoraLayer : AdditiveLayer
{
    private readonly Parameter _logitsA;
    private readonly Parameter _logitsB;
    private readonly Tensor _bank;
    private readonly int _top;

    /// <param name="layerName">The layer's canonical name.</param>
    /// <param name="logitsA"><c>[rank, in / length, vectors]</c>; taken over.</param>
    /// <param name="logitsB"><c>[out / length, rank, vectors]</c>; taken over.</param>
    /// <param name="bank"><c>[vectors, length]</c>; taken over.</param>
    /// <param name="top">How many vectors are mixed.</param>
    public VbLoraLayer(string layerName, Tensor logitsA, Tensor logitsB, Tensor bank, int top)
        : base(layerName)
    {
        _top = top;
        _logitsA = Own("vblora_logits_A", logitsA);
        _logitsB = Own("vblora_logits_B", logitsB);
        _bank = Keep("vblora_vector_bank", bank);
    }

    public override long? NominalRank => _logitsA.shape[0];

    protected override Tensor Change()
    {
        var a = Mix(_logitsA).flatten(1);
        var b = Mix(_logitsB).transpose(1, 2).flatten(0, 1);
        return b.mm(a);
    }

    /// <param name="logits"><c>[x, y, vectors]</c></param>
    /// <returns><c>[x, y, length]</c></returns>
    private Tensor Mix(Tensor logits)
    {
        var (highest, which) = logits.topk(_top);
        return zeros_like(logits).scatter(-1, which, highest.softmax(-1)).Times(_bank);
    }
}
