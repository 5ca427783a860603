using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Service.Tests.Loras;

/// <summary>The files of small random LoRAs for the tiny model, in memory, to be sent whole or damaged.</summary>
internal static class LoraSamples
{
    public const string Tensors = "adapter_model.safetensors";
    public const string Config = "adapter_config.json";
    public const string Head = "head.safetensors";
    public const string Classes = "classes.json";

    public static string Model { get; } = TinyModel.Directory;

    /// <param name="seed">Decides its values.</param>
    /// <param name="classes">Its head's; none for no head.</param>
    /// <param name="model">The model that it is for.</param>
    /// <param name="headWidth">The length of the embeddings that its head takes; the model's when null.</param>
    /// <param name="size">How large its values are.</param>
    public static Dictionary<string, byte[]> Peft(
        int seed,
        string[]? classes = null,
        string? model = null,
        int? headWidth = null,
        double size = 0.1
    )
    {
        using var scope = NewDisposeScope();
        using var source = ModelDirectory.Open(model ?? Model);
        using var generator = new Generator((ulong)seed, CPU);
        var layers = source
            .AdaptableLayers.Where(layer =>
                layer.Name.EndsWith(".q", StringComparison.Ordinal) || layer.Name.EndsWith(".v", StringComparison.Ordinal)
            )
            .ToDictionary(
                layer => layer.Name,
                LayerAdapter (layer) =>
                    new LoraLayer(
                        layer.Name,
                        randn([2, layer.InFeatures], generator: generator) * size,
                        randn([layer.OutFeatures, 2], generator: generator) * size,
                        scale: 1
                    )
            );
        var head = classes is null
            ? null
            : new ClassificationHead(
                randn([classes.Length, headWidth ?? source.Config.EmbeddingLength], generator: generator),
                zeros(classes.Length)
            );
        using var adapter = new Adapter("lora", revision: "", layers, head, classes);
        var folder = Directory.CreateTempSubdirectory("lora-recycle-sample-").FullName;
        try
        {
            PeftWriter.Write(Path.Combine(folder, "lora"), adapter, source.AdaptableLayers, Path.GetFileName(model ?? Model));
            return Directory.GetFiles(Path.Combine(folder, "lora")).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The single file of the paper's code.</summary>
    public static byte[] Paper(int seed)
    {
        using var scope = NewDisposeScope();
        using var source = ModelDirectory.Open(Model);
        using var generator = new Generator((ulong)seed, CPU);
        var width = source.Config.HiddenSize;
        var tensors = new List<(string, Tensor)>();
        for (var i = 0; i < 2 * source.Config.LayerCount; i++)
            tensors.AddRange([
                ($"w_a_{i:D3}", randn([2, width], generator: generator) * 0.1),
                ($"w_b_{i:D3}", randn([width, 2], generator: generator) * 0.1),
            ]);
        tensors.Add(($"fc_{source.Config.EmbeddingLength}in_5out", randn([5, source.Config.EmbeddingLength], generator: generator)));
        return Written(tensors);
    }

    /// <summary>The same files with the tensors changed.</summary>
    public static Dictionary<string, byte[]> Changed(Dictionary<string, byte[]> files, Action<Dictionary<string, Tensor>> change)
    {
        using var scope = NewDisposeScope();
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, files[Tensors]);
            using var file = SafetensorsFile.Open(path);
            var tensors = file.Entries.Keys.ToDictionary(name => name, name => file.Read(name));
            change(tensors);
            return new(files) { [Tensors] = Written(tensors.Select(pair => (pair.Key, pair.Value))) };
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>The same files with the settings changed.</summary>
    public static Dictionary<string, byte[]> Changed(Dictionary<string, byte[]> files, Action<JsonObject> change)
    {
        var settings = JsonNode.Parse(files[Config])!.AsObject();
        change(settings);
        return new(files) { [Config] = Encoding.UTF8.GetBytes(settings.ToJsonString()) };
    }

    public static byte[] Zip(IEnumerable<(string Name, byte[] Content)> entries)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        return stream.ToArray();
    }

    private static byte[] Written(IEnumerable<(string, Tensor)> tensors)
    {
        var path = Path.GetTempFileName();
        try
        {
            SafetensorsWriter.Write(path, tensors);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
