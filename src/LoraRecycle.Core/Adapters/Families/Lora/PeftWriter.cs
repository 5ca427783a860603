using System.Text;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>
/// Writes a LoRA as Python's PEFT 0.21 writes one, so that it loads there unchanged: <c>adapter_config.json</c> and
/// <c>adapter_model.safetensors</c>, with the head and its class names in files of their own beside them.
/// </summary>
public static class PeftWriter
{
    private const string What = "adapter";

    /// <summary>Writes a directory that is complete as soon as it has its name; an adapter that is there already is replaced.</summary>
    /// <param name="directory">Where to.</param>
    /// <param name="adapter">A LoRA; it stays the caller's.</param>
    /// <param name="layers">The model's layers, which say what PEFT calls them.</param>
    /// <param name="baseModel">The model's name, for the settings file.</param>
    /// <param name="dtype">In what type tensors are stored: float16 or float32.</param>
    /// <param name="addFiles">Writes further files into the directory before it gets its name.</param>
    /// <exception cref="AdapterException">The adapter is no LoRA of this model, or does not fit the type.</exception>
    /// <exception cref="IOException">The directory cannot be written, or holds something else than an adapter; what was there
    /// stays.</exception>
    public static void Write(
        string directory, Adapter adapter, IReadOnlyList<AdaptableLayer> layers, string baseModel,
        torch.ScalarType dtype = torch.ScalarType.Float32, Action<string>? addFiles = null)
    {
        var adapted = Match(adapter, layers);
        WholeDirectory.Write(directory, AdapterConfig.FileName, What, unnamed =>
        {
            WriteTensors(Path.Combine(unnamed, "adapter_model.safetensors"), adapted, dtype);
            if (adapter.Head is { } head)
                HeadFiles.Write(unnamed, head, adapter.ClassNames, dtype);
            File.WriteAllText(
                Path.Combine(unnamed, AdapterConfig.FileName),
                PeftLoraSettings.Json(adapted, layers, baseModel), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
            addFiles?.Invoke(unnamed);
        });
    }

    /// <summary>Refuses, before any work, a directory that <see cref="Write"/> would not replace.</summary>
    /// <exception cref="IOException">A file is there, or a directory that holds something else than an adapter.</exception>
    public static void RequireReplaceable(string directory) => WholeDirectory.RequireReplaceable(directory, AdapterConfig.FileName, What);

    private static List<(AdaptableLayer Layer, LoraLayer Lora)> Match(Adapter adapter, IReadOnlyList<AdaptableLayer> layers)
    {
        var matched = new List<(AdaptableLayer, LoraLayer)>();
        foreach (var layer in layers)
            if (adapter.Layers.TryGetValue(layer.Name, out var found))
                matched.Add(
                    (
                        layer,
                        found as LoraLayer
                            ?? throw new AdapterException(
                                $"layer {layer.Name} cannot be written: expected a LoRA, got {found.GetType().Name}; convert the "
                                    + "adapter first."
                            )
                    )
                );
        return matched.Count == adapter.Layers.Count && matched.Count > 0
            ? matched
            : throw new AdapterException(
                $"the adapter cannot be written: it adapts {adapter.Layers.Count} layers, of which this model has {matched.Count}.");
    }

    private static void WriteTensors(string path, List<(AdaptableLayer Layer, LoraLayer Lora)> adapted, torch.ScalarType dtype)
    {
        using var scope = torch.NewDisposeScope();
        using var withoutGrad = torch.no_grad();
        SafetensorsWriter.Write(path, adapted.SelectMany(TensorsOf), new Dictionary<string, string> { ["format"] = "pt" });

        IEnumerable<(string, torch.Tensor)> TensorsOf((AdaptableLayer Layer, LoraLayer Lora) entry)
        {
            var prefix = $"base_model.model.{entry.Layer.SourceName}";
            if (entry.Lora.Bias is { } bias)
                yield return ($"{prefix}.base_layer.bias", Stored(bias, entry.Layer, dtype));
            yield return ($"{prefix}.lora_A.weight", Stored(entry.Lora.A, entry.Layer, dtype));
            yield return ($"{prefix}.lora_B.weight", Stored(entry.Lora.B, entry.Layer, dtype));
        }
    }

    private static torch.Tensor Stored(torch.Tensor factor, AdaptableLayer layer, torch.ScalarType dtype)
    {
        var stored = factor.detach().to(dtype);
        return stored.isfinite().all().item<bool>()
            ? stored
            : throw new AdapterException($"layer {layer.Name} has values that are not finite in {dtype}; it cannot be written.");
    }
}
