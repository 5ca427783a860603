using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra.Conversion;
using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Forms;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Method.Tuning.Options;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning;

/// <summary>What is attached to the model while it is tuned. Owns its layers until it gives them away as a stored LoRA.</summary>
internal sealed class TunedAdapter : IResumable, IDisposable
{
    private readonly Adapter _trained;
    private readonly Adapter? _noisy;

    public TunedAdapter(IReadOnlyList<TunedLayer> layers, ClassificationHead head, IReadOnlyList<string> classNames, bool hasNoise)
    {
        (Layers, Head) = (layers, head);
        _trained = new Adapter("lora", revision: "", ByName(layer => layer.Adapter), head, classNames);
        if (!hasNoise) return;
        Noisy = [.. layers.Select(layer => new NoisyLayer(layer.Name, layer.Adapter))];
        _noisy = new Adapter("noisy", revision: "", Noisy.ToDictionary(layer => layer.GetName(), LayerAdapter (layer) => layer));

        Dictionary<string, LayerAdapter> ByName(Func<TunedLayer, LayerAdapter> of) =>
            layers.ToDictionary(layer => layer.Name, of, StringComparer.Ordinal);
    }

    public IReadOnlyList<TunedLayer> Layers { get; }

    public ClassificationHead Head { get; }

    /// <summary>The layers that noise is put on; none where none is.</summary>
    public IReadOnlyList<NoisyLayer> Noisy { get; } = [];

    /// <summary>What passes through the model are made with.</summary>
    public Adapter Attached => _noisy ?? _trained;

    public IReadOnlyList<Parameter> Parameters => [.. Layers.SelectMany(layer => layer.Trained), .. Head.parameters()];

    /// <summary>Whether what is tuned, or its gradient, has become no number or too large to compute with.</summary>
    public bool HasDiverged
    {
        get
        {
            using var scope = NewDisposeScope();
            return Parameters.Any(parameter => IsWild(parameter) || (parameter.grad is { } gradient && IsWild(gradient)));

            static bool IsWild(Tensor tensor) => !tensor.detach().square().sum().isfinite().item<bool>();
        }
    }

    /// <summary>What was tuned as a plain LoRA, exactly where its form is one; what it lacks else. The caller owns it, and this is empty.
    /// </summary>
    public (Adapter Lora, double Lost) Store(TuningSettings settings)
    {
        _trained.Revise();
        if (settings.Form is { Kind: LoraForm.Lora, Start: FactorStart.Uniform, Keep: 0 })
        {
            _isGivenAway = true;
            return (_trained, 0);
        }
        var frozen = Layers.ToDictionary(layer => layer.Name, layer => layer.Frozen, StringComparer.Ordinal);
        var stored = LoraConversion.Of(
            _trained,
            [.. Layers.Select(layer => layer.Frozen.Layer)],
            layer => (frozen[layer.Name].Weight.detach().clone(), frozen[layer.Name].Bias?.detach().clone()),
            LayerForms.StoredRank(settings));
        return (stored.Adapter, stored.Layers.Max(layer => layer.RelativeError));
    }

    public void Save(TuningState state)
    {
        foreach (var (number, parameter) in Parameters.Index()) state.Put(Value(number), parameter.detach());
    }

    public void Resume(TuningState state)
    {
        using var withoutGrad = no_grad();
        foreach (var (number, parameter) in Parameters.Index()) parameter.copy_(state.Tensor(Value(number)));
    }

    private static string Value(int number) => $"value.{number}";

    private bool _isGivenAway;

    public void Dispose()
    {
        if (!_isGivenAway) _trained.Dispose();
    }
}
