using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Tuned;

/// <summary>
/// A trainable LoRA for each episode beside one frozen layer: a batch holds as many images of each, one episode's after
/// the other's. A is uniform in +-1/sqrt(inputs) and B zero, as PEFT starts them.
/// </summary>
internal sealed class EpisodeLoraLayer : LayerAdapter
{
    private readonly Parameter _a;
    private readonly Parameter _b;

    /// <param name="layer">The layer that they change.</param>
    /// <param name="rank">Of each.</param>
    /// <param name="episodes">How many there are.</param>
    /// <param name="generators">The episodes'.</param>
    /// <param name="device">Where to compute.</param>
    public EpisodeLoraLayer(AdaptableLayer layer, int rank, int episodes, EpisodeGenerators generators, Device device)
        : base(layer.Name)
    {
        _a = Own("lora_A", generators.Uniform([layer.InFeatures, rank], 1 / Math.Sqrt(layer.InFeatures)));
        _b = Own("lora_B", zeros([episodes, rank, layer.OutFeatures], device: device));
    }

    /// <summary>[episodes, in, rank].</summary>
    public Tensor A => _a;

    /// <summary>[episodes, rank, out].</summary>
    public Tensor B => _b;

    /// <inheritdoc/>
    /// <param name="input"><c>[episodes * n, ..., in]</c></param>
    /// <param name="weight">The frozen layer's, <c>[out, in]</c>.</param>
    /// <param name="bias">The frozen layer's, <c>[out]</c>, or none.</param>
    public override Tensor Forward(Tensor input, Tensor weight, Tensor? bias)
    {
        using var scope = NewDisposeScope();
        var shape = input.shape;
        var rows = input.reshape(_a.shape[0], -1, shape[^1]);
        var adapted = BatchedProduct.Add(nn.functional.linear(rows, weight, bias), rows.bmm(_a), _b);
        return adapted.view([.. shape[..^1], weight.shape[0]]).MoveToOuterDisposeScope();
    }

    /// <exception cref="NotSupportedException">Always: several LoRAs have no one weight.</exception>
    protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias) =>
        throw new NotSupportedException("The LoRAs of several episodes cannot be merged into one layer.");
}
