using System.Security.Cryptography;
using System.Text.Json;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Loading.Families;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Loading;

/// <summary>
/// A model as it is downloaded from Hugging Face: <c>config.json</c>, <c>preprocessor_config.json</c> or
/// <c>processor_config.json</c>, and <c>model.safetensors</c> or a sharded index.
/// </summary>
public sealed class ModelDirectory : IDisposable
{
    /// <summary>Every family that can be loaded. A new one is a file in Families/ and a line here.</summary>
    private static readonly IReadOnlyList<IModelFamily> Families =
    [
        new ClipFamily(),
        new VitFamily(),
        new DeitFamily(),
        new DinoV2Family(),
        new DinoV3Family(),
        new SiglipFamily(),
    ];

    private readonly SafetensorsCheckpoint _checkpoint;
    private readonly string _prefix;
    private readonly Func<string, string> _layout;
    private readonly string? _quantization;

    private ModelDirectory(string path, SafetensorsCheckpoint checkpoint, IModelFamily family, JsonElement config, string modelType)
    {
        (Path, ModelType, _checkpoint, _quantization) = (path, modelType, checkpoint, config.Quantization());
        (_prefix, _layout) = Found(family);
        Config = family.ReadConfig(config, name => checkpoint.Entries.ContainsKey(SourceName(name)));
    }

    public string Path { get; }

    /// <summary>config.json's <c>model_type</c>.</summary>
    public string ModelType { get; }

    public VisionTransformerConfig Config { get; }

    /// <summary>Every layer that an adapter may change, known without reading a weight.</summary>
    public IReadOnlyList<AdaptableLayer> AdaptableLayers => VisionTransformer.LayersOf(Config, SourceName);

    public string ConfigPath => System.IO.Path.Combine(Path, "config.json");

    /// <summary>The file that says how pictures are prepared; null where there is none.</summary>
    /// <exception cref="InvalidDataException">A file that may say so is damaged.</exception>
    public string? PreprocessorConfigPath => PreprocessorConfig.PathIn(Path);

    /// <exception cref="ModelException">No such directory, no or damaged config.json, an unknown family, no weights.</exception>
    /// <exception cref="SafetensorsException">A weight file is damaged.</exception>
    public static ModelDirectory Open(string path)
    {
        var configPath = System.IO.Path.Combine(path, "config.json");
        if (!File.Exists(configPath))
            throw new ModelException(
                $"Expected a Hugging Face model directory with a config.json, found none at {configPath}.{ConfigsBelow(path)}");
        JsonElement config;
        try
        {
            // From a stream, and not from bytes, because that passes over a byte order mark, which editors on Windows put there.
            using var stream = File.OpenRead(configPath);
            using var document = JsonDocument.Parse(stream);
            config = document.RootElement.Clone();
        }
        catch (JsonException damaged)
        {
            throw new ModelException($"{configPath} is not valid JSON: {damaged.Message}", damaged);
        }
        if (config.ValueKind != JsonValueKind.Object)
            throw new ModelException($"{configPath}: expected a JSON object, got {config.ValueKind}.");

        var type = config.Text("model_type", "");
        if (type.StartsWith("siglip2", StringComparison.Ordinal))
            throw new ModelException(
                $"{configPath}: model_type '{type}' is SigLIP 2 in its NaFlex form, which takes as many patches as a picture's shape "
                    + "gives; only square pictures of a fixed size are supported. Use a SigLIP 2 of fixed resolution, whose model_type is "
                    + "siglip."
            );
        var family = Families.FirstOrDefault(known => known.ModelTypes.Contains(type))
            ?? throw new ModelException(
                $"{configPath}: expected model_type {string.Join(", ", Families.SelectMany(known => known.ModelTypes))}; got '{type}'.");
        var checkpoint = SafetensorsCheckpoint.Open(path);
        try
        {
            return new ModelDirectory(path, checkpoint, family, config, type);
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>The hub's cache has a model's files two folders further down, and others have a folder around them.</summary>
    private static string ConfigsBelow(string path)
    {
        if (!Directory.Exists(path))
            return "";
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 };
        var below = Directory.EnumerateFiles(path, "config.json", options).Take(MostShown).Order(StringComparer.Ordinal)
            .Select(System.IO.Path.GetDirectoryName).ToArray();
        return below.Length == 0 ? "" : $" There is one in {string.Join(", ", below)}; name that folder.";
    }

    private const int MostShown = 3;

    /// <summary>Builds the transformer on a device. With another image size than the checkpoint's, the position table is
    /// resampled.</summary>
    /// <param name="device">Where its weights shall be.</param>
    /// <param name="dtype">In what precision.</param>
    /// <param name="imageSize">The height and width of its input; the checkpoint's when null.</param>
    /// <param name="hash">Takes in every weight while it is read, so that a revision needs no second reading.</param>
    public VisionTransformer Load(Device device, ScalarType dtype = ScalarType.Float32, int? imageSize = null, IncrementalHash? hash = null)
    {
        var config = (imageSize is { } size ? Config with { ImageSize = size } : Config).Validated();
        return new VisionTransformer(
            new CheckpointWeights(_checkpoint, SourceName, _quantization, Config, config, device, dtype, hash),
            config,
            SourceName
        );
    }

    /// <summary>Reads one adaptable layer alone, in float32 and host memory, for those that look at weights and run nothing.</summary>
    /// <returns>Its weight, <c>[out, in]</c>, and its bias, <c>[out]</c>, where it has one; the caller owns both.</returns>
    /// <exception cref="ModelException">The checkpoint lacks it, or has it in another shape.</exception>
    /// <exception cref="SafetensorsException">A weight file is damaged.</exception>
    public (Tensor Weight, Tensor? Bias) ReadLayer(AdaptableLayer layer)
    {
        using var scope = NewDisposeScope();
        var weights = new CheckpointWeights(_checkpoint, SourceName, _quantization, Config, Config, CPU, ScalarType.Float32);
        var weight = weights.Take($"{layer.Name}.weight", layer.OutFeatures, layer.InFeatures);
        var bias = _checkpoint.Entries.ContainsKey(SourceName($"{layer.Name}.bias"))
            ? weights.Take($"{layer.Name}.bias", layer.OutFeatures)
            : null;
        return (weight.MoveToOuterDisposeScope(), bias?.MoveToOuterDisposeScope());
    }

    public void Dispose() => _checkpoint.Dispose();

    private string SourceName(string name) => _prefix + _layout(name);

    /// <summary>What stands before the tensors' names, and how they are made.</summary>
    /// <exception cref="ModelException">They are named in no way that the family knows.</exception>
    private (string Prefix, Func<string, string> Layout) Found(IModelFamily family)
    {
        const string Probe = "layers.0.q.weight";
        foreach (var layout in family.Layouts)
            foreach (var prefix in family.Prefixes)
                if (_checkpoint.Entries.ContainsKey(prefix + layout(Probe)))
                    return (prefix, layout);
        throw new ModelException(
            $"{Path}: expected a tensor {string.Join(" or ", family.Layouts.Select(layout => $"'{layout(Probe)}'"))}, with or without "
                + $"{string.Join(" or ", family.Prefixes.Where(p => p.Length > 0).Select(p => $"'{p}'"))} before it; found none among "
                + $"{_checkpoint.Entries.Count} tensors{(_quantization is null ? "" : $". config.json has a quantization_config "
                    + $"({_quantization}), but only weights that are not quantised can be used")}."
        );
    }
}
