using LoraRecycle.Core.Adapters;
using TorchSharp.Modules;

namespace LoraRecycle.Core.Method.Tuning.Layers;

/// <summary>A layer while it is tuned.</summary>
/// <param name="Frozen">What the model has there.</param>
/// <param name="Adapter">What is tuned beside it.</param>
/// <param name="Scale">The factor before its product of factors.</param>
internal sealed record TunedLayer(FrozenLayer Frozen, LayerAdapter Adapter, double Scale)
{
    /// <summary>Names of parameters that stay as they are.</summary>
    public IReadOnlyList<string> Untrained { get; init; } = [];

    public string Name => Frozen.Layer.Name;

    /// <summary><c>[rank, in]</c>; null where the form has no such factor, or does not train it.</summary>
    public Parameter? A => Find("lora_A");

    /// <summary><c>[out, rank]</c>; null as above.</summary>
    public Parameter? B => Find("lora_B");

    public IEnumerable<Parameter> Trained => Named.Select(entry => entry.Parameter);

    public Parameter? Find(string name) => Named.FirstOrDefault(entry => entry.Name == name).Parameter;

    /// <summary>Those that are trained beside B.</summary>
    public IEnumerable<Parameter> TrainedButB => Named.Where(entry => entry.Name != "lora_B").Select(entry => entry.Parameter);

    private IEnumerable<(string Name, Parameter Parameter)> Named =>
        Adapter.named_parameters().Where(entry => !Untrained.Contains(entry.name, StringComparer.Ordinal));
}
