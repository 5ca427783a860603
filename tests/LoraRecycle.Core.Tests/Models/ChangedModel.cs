using System.Text.Json.Nodes;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>A copy of a fixture's model that can be loaded and served, with something changed; gone when the test is.</summary>
internal sealed class ChangedModel : IDisposable
{
    private const string Preprocessor = "preprocessor_config.json";

    public ChangedModel(
        string family,
        Action<Dictionary<string, torch.Tensor>>? tensors = null,
        Action<JsonObject>? config = null,
        string preprocessor = """{"image_processor_type": "ViTImageProcessor", "size": 32}"""
    )
    {
        using var scope = torch.NewDisposeScope();
        var source = Repository.PathOf("tests", "golden", family, "model");
        using var file = SafetensorsFile.Open(Path.Combine(source, "model.safetensors"));
        var read = file.Entries.Keys.ToDictionary(name => name, name => file.Read(name));
        tensors?.Invoke(read);
        SafetensorsWriter.Write(PathOf("model.safetensors"), read.Select(pair => (pair.Key, pair.Value)));
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "config.json")))!.AsObject();
        config?.Invoke(settings);
        File.WriteAllText(PathOf("config.json"), settings.ToJsonString());
        File.WriteAllText(PathOf(Preprocessor), preprocessor);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("lora-recycle-model-").FullName;

    public string PathOf(string file) => Path.Combine(Folder, file);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
