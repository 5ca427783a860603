using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.Transformer;
using TorchSharp;

namespace LoraRecycle.Core.Evaluation.Verification;

/// <summary>
/// Compares a model, and an adapter on it, with what another implementation computed: a safetensors file that holds
/// <c>pixel_values</c>, [batch, 3, height, width], and some of the outputs in <see cref="Outputs"/>.
/// </summary>
public static class ModelVerification
{
    /// <summary>The outputs that are compared, under Hugging Face's names.</summary>
    public static IReadOnlyList<string> Outputs { get; } = ["image_embeds", "last_hidden_state", "pooler_output", Logits];

    /// <summary>What an adapter's own head makes of the embeddings.</summary>
    private const string Logits = "logits";

    /// <summary>One row for each output that the file holds and each way of computing it.</summary>
    /// <exception cref="ModelException">The model cannot be loaded, or does not produce an output that the file holds.</exception>
    /// <exception cref="SafetensorsException">The file is damaged.</exception>
    /// <exception cref="DataSetException">The file does not hold what is compared.</exception>
    public static IReadOnlyList<VerifiedOutput> Run(string modelDirectory, string? adapterPath, string expectedPath, torch.Device device)
    {
        using var scope = torch.NewDisposeScope();
        using var withoutGrad = torch.no_grad();
        var expected = ReadExpected(expectedPath);
        using var directory = ModelDirectory.Open(modelDirectory);
        using var model = directory.Load(device);
        var pixels = expected["pixel_values"].to(device);
        if (adapterPath is null)
            return [.. Compare("model", model, null, pixels, expected), .. CompareServed(model, null, pixels, expected, device)];

        using var adapter = AdapterCatalog.Default.Load(adapterPath, model.AdaptableLayers, device);
        using var attached = model.Attach(adapter);
        VerifiedOutput[] branch = [.. Compare("side branch", model, adapter.Head, pixels, expected)];
        VerifiedOutput[] served = [.. CompareServed(model, adapter.Head, pixels, expected, device)];
        using var merged = MergedLayers.PutOn(model);
        return [.. branch, .. Compare("merged", model, adapter.Head, pixels, expected), .. served];
    }

    private static Dictionary<string, torch.Tensor> ReadExpected(string path)
    {
        using var file = SafetensorsFile.Open(path);
        string[] held = [.. Outputs.Where(file.Entries.ContainsKey)];
        if (!file.Entries.ContainsKey("pixel_values") || held.Length == 0)
            throw new DataSetException(
                $"'{path}' must have pixel_values and at least one of {string.Join(", ", Outputs)}; found "
                    + $"{string.Join(", ", file.Entries.Keys)}."
            );
        if (held.Append("pixel_values").Select(name => file.Entries[name]).FirstOrDefault(entry => !entry.IsOfWeights) is { } wrong)
            throw new DataSetException($"'{path}' has {wrong.Name} of type {wrong.DType}; expected F32, F16, BF16 or F64.");
        return held.Append("pixel_values").ToDictionary(name => name, name => file.Read(name, torch.ScalarType.Float32));
    }

    private static IEnumerable<VerifiedOutput> Compare(
        string way, VisionTransformer model, ClassificationHead? head, torch.Tensor pixels, Dictionary<string, torch.Tensor> expected)
    {
        using var output = model.call(pixels);
        var computed = new Dictionary<string, torch.Tensor?>
        {
            ["image_embeds"] = output.ImageEmbeds,
            ["last_hidden_state"] = output.LastHiddenState,
            ["pooler_output"] = output.PoolerOutput,
            [Logits] = LogitsOf(head, output.Embedding),
        };
        return
        [
            .. Outputs
                .Where(expected.ContainsKey)
                .Select(name => new VerifiedOutput(
                    way,
                    name,
                    RelativeError(
                        computed[name]
                            ?? throw new ModelException(
                                $"The file has {name}, which this model of family '{model.Config.Family}' does not "
                                    + $"produce{(name == Logits ? " without an adapter with a head for its embeddings" : "")}."
                            ),
                        expected[name],
                        name
                    )
                )),
        ];
    }

    /// <summary>The form that serves: adapters merged and layers fused, so it is checked for itself.</summary>
    private static IEnumerable<VerifiedOutput> CompareServed(
        VisionTransformer model,
        ClassificationHead? head,
        torch.Tensor pixels,
        Dictionary<string, torch.Tensor> expected,
        torch.Device device
    )
    {
        var name = model.Projection is null ? "pooler_output" : "image_embeds";
        var held = new[] { name, Logits }.Where(expected.ContainsKey).ToArray();
        if (held.Length == 0)
            return [];
        using var embedder = new FusedEmbedder(model, device);
        var embedding = embedder.call(pixels);
        return
        [
            .. held.Select(one => new VerifiedOutput(
                "as served",
                one,
                RelativeError(one == Logits ? LogitsOf(head, embedding)! : embedding, expected[one], one)
            )),
        ];
    }

    private static torch.Tensor? LogitsOf(ClassificationHead? head, torch.Tensor embedding) =>
        head?.InFeatures == embedding.shape[^1] ? head.call(embedding) : null;

    /// <summary>max |a - b| / max |b|; NaN when either holds one, which passes no test.</summary>
    private static double RelativeError(torch.Tensor computed, torch.Tensor expected, string name)
    {
        if (!computed.shape.SequenceEqual(expected.shape))
            throw new ModelException(
                $"{name}: expected shape [{string.Join(", ", expected.shape)}], computed [{string.Join(", ", computed.shape)}]."
            );
        using var scope = torch.NewDisposeScope();
        var wanted = expected.to(torch.ScalarType.Float64);
        var difference = (computed.cpu().to(torch.ScalarType.Float64) - wanted).abs().max().item<double>();
        return difference / wanted.abs().max().item<double>();
    }
}
