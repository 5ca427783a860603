using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp;
using TorchSharp.Modules;

namespace LoraRecycle.Core.Adapters;

/// <summary>
/// What an adapter does to one linear layer. A family gives the adapted weight as a function of the frozen one; from it
/// follow both ways to apply it: merged once for serving, and differentiable beside the frozen layer for tuning.
/// </summary>
/// <remarks>Parameters are trainable and in float32, and so is what is merged, whatever the model's type.</remarks>
public abstract class LayerAdapter : torch.nn.Module
{
    private readonly string _layerName;

    /// <param name="layerName">The layer's canonical name, for messages.</param>
    protected LayerAdapter(string layerName)
        : base(layerName) => _layerName = layerName;

    /// <summary>The rank that the settings of an adapter of this family name; null where it has none, as it may be that of the whole
    /// layer.</summary>
    public virtual long? NominalRank => null;

    /// <summary>What sets it apart from others of its family, such as <c>DoRA</c>; null for the plain kind.</summary>
    public virtual string? Variant => null;

    /// <summary>The adapted layer's output, differentiable in the input and in the adapter's parameters.</summary>
    /// <param name="input"><c>[..., in]</c></param>
    /// <param name="weight">The frozen layer's, <c>[out, in]</c>.</param>
    /// <param name="bias">The frozen layer's, <c>[out]</c>, or none.</param>
    /// <returns><c>[..., out]</c>, in the input's type.</returns>
    public virtual torch.Tensor Forward(torch.Tensor input, torch.Tensor weight, torch.Tensor? bias)
    {
        using var scope = torch.NewDisposeScope();
        var (adaptedWeight, adaptedBias) = Adapt(weight.to(torch.float32), bias?.to(torch.float32));
        return torch.nn.functional.linear(input.to(torch.float32), adaptedWeight, adaptedBias).to(input.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>The weight and bias that make the plain layer behave as the adapted one.</summary>
    /// <param name="weight">The frozen layer's, <c>[out, in]</c>.</param>
    /// <param name="bias">The frozen layer's, <c>[out]</c>, or none.</param>
    /// <returns>New tensors in the frozen ones' type, which share nothing with them or with this adapter.</returns>
    /// <exception cref="AdapterException">The result has values that are not finite.</exception>
    public (torch.Tensor Weight, torch.Tensor? Bias) Merge(torch.Tensor weight, torch.Tensor? bias)
    {
        using var frozen = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var (adaptedWeight, adaptedBias) = Adapt(weight.to(torch.float32), bias?.to(torch.float32));
        var mergedWeight = Finite(adaptedWeight.to(weight.dtype, copy: true));
        var mergedBias = adaptedBias is null ? null : Finite(adaptedBias.to(weight.dtype, copy: true));
        return (mergedWeight.MoveToOuterDisposeScope(), mergedBias?.MoveToOuterDisposeScope());
    }

    /// <summary>What the adapter changes of the frozen weight and bias, before any rounding to the model's type.</summary>
    /// <param name="weight">The frozen layer's, <c>[out, in]</c>; families that scale or rotate depend on it, those that add do
    /// not.</param>
    /// <param name="bias">The frozen layer's, <c>[out]</c>, or none.</param>
    /// <returns>New tensors in float32, <c>[out, in]</c> and <c>[out]</c>; no bias where that stays as it is.</returns>
    public (torch.Tensor Weight, torch.Tensor? Bias) Delta(torch.Tensor weight, torch.Tensor? bias)
    {
        using var frozen = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var (ownWeight, ownBias) = (weight.to(torch.float32), bias?.to(torch.float32));
        var (_, adaptedBias) = Adapt(ownWeight, ownBias);
        var changed = ReferenceEquals(adaptedBias, ownBias) ? null : ownBias is null ? adaptedBias!.clone() : adaptedBias!.sub(ownBias);
        return (WeightDelta(ownWeight).MoveToOuterDisposeScope(), changed?.MoveToOuterDisposeScope());
    }

    /// <summary>What <see cref="Adapt"/> gives, for adapters that are made of others.</summary>
    internal (torch.Tensor Weight, torch.Tensor? Bias) Adapted(torch.Tensor weight, torch.Tensor? bias) => Adapt(weight, bias);

    /// <summary>What <see cref="WeightDelta"/> gives, for adapters that are made of others.</summary>
    internal torch.Tensor DeltaOf(torch.Tensor weight) => WeightDelta(weight);

    /// <summary>The same for some of the layer's outputs, in an adapter that shares nothing with this one.</summary>
    /// <param name="layer">What has these outputs.</param>
    /// <param name="start">The first of them among this layer's.</param>
    /// <returns>Null where the family has no such form: then the rows of the whole result have to do.</returns>
    internal virtual LayerAdapter? RowsFor(AdaptableLayer layer, long start) => null;

    /// <summary>Gives a tensor to a module as a parameter. The tensor that was passed is empty afterwards.</summary>
    internal static Parameter Own(torch.nn.Module module, string name, torch.Tensor value)
    {
        var parameter = LiveTensors.Parameter(value);

        // A parameter lives as long as its module, not as long as the scope that it happens to be made in.
        parameter.DetachFromDisposeScope();
        module.register_parameter(name, parameter);
        return parameter;
    }

    /// <summary>The adapted weight and bias, differentiable in the parameters. Float32 in, float32 out; may return what it was
    /// given.</summary>
    /// <param name="weight"><c>[out, in]</c></param>
    /// <param name="bias"><c>[out]</c>, or none.</param>
    protected abstract (torch.Tensor Weight, torch.Tensor? Bias) Adapt(torch.Tensor weight, torch.Tensor? bias);

    /// <summary>The adapted weight less the frozen one; families that add a matrix give just that, which no subtraction has
    /// rounded.</summary>
    /// <param name="weight"><c>[out, in]</c>, float32.</param>
    protected virtual torch.Tensor WeightDelta(torch.Tensor weight) => Adapt(weight, null).Weight.sub(weight);

    /// <summary>Makes a tensor one of this adapter's trainable parameters, which it then owns.</summary>
    protected Parameter Own(string name, torch.Tensor value) => Own(this, name, value);

    /// <summary>Keeps a tensor that is not trained, such as a frozen random matrix, for as long as this adapter lives.</summary>
    protected torch.Tensor Keep(string name, torch.Tensor value)
    {
        var kept = value.DetachFromDisposeScope();
        register_buffer(name, kept);
        return kept;
    }

    private torch.Tensor Finite(torch.Tensor merged)
    {
        using var finite = merged.isfinite().all();
        return finite.item<bool>()
            ? merged
            : throw new AdapterException(
                $"merging the adapter into layer {_layerName} gives values that are not finite in {merged.dtype}; its weights "
                    + "are too large."
            );
    }
}
