using LoraRecycle.Core.Adapters.Peft;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Lora;

/// <summary>LoRA as PEFT writes it, with rank and alpha patterns, rank stabilisation, DoRA and trained biases.</summary>
public sealed class LoraFamily : IAdapterFamily
{
    public string Name => "lora";

    public bool Recognises(AdapterFiles files) => files.Config?.PeftType == "LORA";

    public Adapter Read(AdapterFiles files, IReadOnlyList<AdaptableLayer> layers)
    {
        var config = new LoraConfig(files.Config!);
        var adapted = PeftTensors.ByLayer(files, layers);
        PeftTargets.Check(files.Config!, adapted, layers);
        if (adapted.Count == 0)
            throw new AdapterException($"{Quote(files.Path)} has no tensor for any layer of this model.");

        // Whatever is read before a later tensor turns out to be damaged goes with this scope.
        using var scope = torch.NewDisposeScope();
        var read = adapted.Select(tensors => (tensors.Layer.Name, Parts: Take(files, tensors, config), Scale: config.ScaleOf(tensors.Layer))).ToArray();
        return new(Name, files.Revision(), read.ToDictionary(layer => layer.Name, layer => Build(layer.Name, layer.Parts, layer.Scale), StringComparer.Ordinal));
    }

    private static Parts Take(AdapterFiles files, PeftTensors tensors, LoraConfig config)
    {
        var layer = tensors.Layer;
        var rank = config.RankOf(layer);
        return new(
            files.Take(tensors["lora_A"], rank, layer.InFeatures),
            files.Take(tensors["lora_B"], layer.OutFeatures, rank),
            config.UsesDora ? files.Take(tensors["lora_magnitude_vector"], layer.OutFeatures) : null,
            config.ReplacesBias && tensors.Keys.ContainsKey("bias") ? files.Take(tensors["bias"], layer.OutFeatures) : null);
    }

    private static LayerAdapter Build(string name, Parts parts, double scale) => parts.Magnitude is null
        ? new LoraLayer(name, parts.A, parts.B, scale, parts.Bias)
        : new DoraLayer(name, parts.A, parts.B, parts.Magnitude, scale, parts.Bias);

    private sealed record Parts(torch.Tensor A, torch.Tensor B, torch.Tensor? Magnitude, torch.Tensor? Bias);
}
