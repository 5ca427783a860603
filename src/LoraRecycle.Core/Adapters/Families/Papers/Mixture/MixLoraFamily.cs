using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Papers.Mixture;

/// <summary>
/// MixLoRA as its authors name tensors and settings, the tensors in a safetensors file: the experts' LoRAs are
/// <c>fc1.experts.0.lora_A</c> and so on, the router <c>moe_gate</c>; layers of attention may have plain LoRAs.
/// </summary>
public sealed class MixLoraFamily : IAdapterFamily
{
    private const string Router = "moe_gate";
    private const string First = "fc1";
    private const string Gate = "gate";
    private const string Second = "fc2";

    private static readonly string[] Settings =
    [
        .. PaperFamily.Common,
        "lora_init",
        "num_experts",
        "top_k",
        "routing_strategy",
        "router_aux_loss_coef",
        "router_init_range",
        "router_loss",
        "jitter_noise",
    ];

    public string Name => "mixlora";

    public bool Recognises(AdapterFiles files) =>
        files.Config is { } config && (config.Family == "" ? config.PeftType == "MIXLORA" : config.Family == Name);

    /// <inheritdoc/>
    public Adapter Read(AdapterFiles files, IReadOnlyList<AdaptableLayer> layers)
    {
        var config = files.Config!;
        var shape = new MixLoraShape(config);
        PeftSettings.Check(config, Settings);
        if (layers.Any(layer => layer.Part == Gate))
            throw new AdapterException(
                $"{Quote(files.Path)} has experts of plain feed-forward blocks; this model's are gated, which MixLoRA is not defined for."
            );
        layers = [.. layers.Where(layer => layer.Part is not null)];
        var adapted = PeftTensors.ByLayer(files, layers, shared: null, Canonical);
        PeftTargets.Check(config, adapted, layers);
        if (adapted.Count == 0)
            throw new AdapterException($"{Quote(files.Path)} has no tensor for any layer of this model.");

        // Tensors that are read before a later one turns out to be damaged go with the scope, finished parts below.
        using var scope = torch.NewDisposeScope();
        var plain = new Dictionary<string, LayerAdapter>(StringComparer.Ordinal);
        var mixtures = new Dictionary<string, ExpertMixture>(StringComparer.Ordinal);
        try
        {
            foreach (var entry in adapted.Where(entry => Part(entry) is not (First or Second)))
                plain.Add(
                    entry.Layer.Name,
                    new LoraLayer(
                        entry.Layer.Name,
                        files.Take(entry["lora_A"], shape.Rank, entry.Layer.InFeatures),
                        files.Take(entry["lora_B"], entry.Layer.OutFeatures, shape.Rank),
                        shape.Scale
                    )
                );
            foreach (var block in adapted.Where(entry => Part(entry) is First or Second).GroupBy(Block))
                mixtures.Add(
                    block.Key,
                    Mixture(
                        files,
                        shape,
                        block.Key,
                        block.SingleOrDefault(entry => Part(entry) == First),
                        block.SingleOrDefault(entry => Part(entry) == Second)
                    )
                );
            if (mixtures.Count == 0)
                throw new AdapterException(
                    $"{Quote(files.Path)} has no experts in any feed-forward block; without them it is a plain LoRA, whose settings say "
                        + "peft_type LORA."
                );
            return new Adapter(Name, files.Revision(), plain) { Mixtures = mixtures };
        }
        catch
        {
            foreach (var part in plain.Values.Cast<torch.nn.Module>().Concat(mixtures.Values))
                part.Dispose();
            throw;
        }
    }

    private static ExpertMixture Mixture(AdapterFiles files, MixLoraShape shape, string block, PeftTensors? first, PeftTensors? second)
    {
        // The router's shape confirms how many experts there are before anything is made for each of them.
        if (first is null || !first.Keys.TryGetValue(Router, out var key))
            throw new AdapterException(
                $"{block} has experts in {Quote(files.Path)} but no router; expected a tensor '{Router}.weight' named after the "
                    + "feed-forward block or its first layer."
            );
        var router = files.Take(key, shape.Experts, first.Layer.InFeatures);
        var (one, two) = (Experts(files, shape, first), second is null ? null : Experts(files, shape, second));
        return one is null && two is null
            ? throw new AdapterException(
                $"{block} has a router in {Quote(files.Path)} but no experts; expected tensors like "
                    + $"'{first.Layer.SourceName}.experts.0.lora_A.weight'."
            )
            : new ExpertMixture(router, one, two, shape.Scale, (int)shape.Chosen);
    }

    /// <summary>All experts have LoRAs on a layer, or none has.</summary>
    private static Experts? Experts(AdapterFiles files, MixLoraShape shape, PeftTensors entry)
    {
        if (!entry.Keys.Keys.Any(parameter => parameter.StartsWith("experts.", StringComparison.Ordinal)))
            return null;
        var pairs = new (torch.Tensor A, torch.Tensor B)[shape.Experts];
        for (var expert = 0; expert < pairs.Length; expert++)
            pairs[expert] = (
                files.Take(entry[$"experts.{expert}.lora_A"], shape.Rank, entry.Layer.InFeatures),
                files.Take(entry[$"experts.{expert}.lora_B"], entry.Layer.OutFeatures, shape.Rank));
        return new Experts(torch.stack(pairs.Select(pair => pair.A).ToArray()), torch.stack(pairs.Select(pair => pair.B).ToArray()));
    }

    /// <summary>The authors name the router after the block; here everything is named after a layer.</summary>
    private static string Canonical(string key) => key.Replace($".mlp.{Router}.", $".mlp.{First}.{Router}.", StringComparison.Ordinal);

    private static string Part(PeftTensors entry) => entry.Layer.Name[(entry.Layer.Name.LastIndexOf('.') + 1)..];

    private static string Block(PeftTensors entry) => entry.Layer.Name[..entry.Layer.Name.LastIndexOf('.')];
}
