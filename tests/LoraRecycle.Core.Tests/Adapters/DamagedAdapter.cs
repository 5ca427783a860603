using System.Text.Json.Nodes;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>Copies of the CLIP fixtures with one thing changed.</summary>
internal static class DamagedAdapter
{
    /// <summary>A PEFT directory.</summary>
    public static string Copy(
        ScratchFolder folder, string name, Action<JsonObject>? config = null, Action<Dictionary<string, torch.Tensor>>? tensors = null) =>
        CopyOf(GoldenModel.AdapterPath("clip", name), folder, config, tensors);

    /// <summary>Of an adapter that is anywhere.</summary>
    public static string CopyOf(
        string source, ScratchFolder folder, Action<JsonObject>? config = null, Action<Dictionary<string, torch.Tensor>>? tensors = null)
    {
        var settings = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "adapter_config.json")))!.AsObject();
        config?.Invoke(settings);

        var copy = Directory.CreateDirectory(folder.PathOf(Guid.NewGuid().ToString("N"))).FullName;
        File.WriteAllText(Path.Combine(copy, "adapter_config.json"), settings.ToJsonString());
        Rewrite(Path.Combine(source, "adapter_model.safetensors"), Path.Combine(copy, "adapter_model.safetensors"), tensors);
        return copy;
    }

    /// <summary>A single file of the paper's layout.</summary>
    public static string CopyPaper(ScratchFolder folder, Action<Dictionary<string, torch.Tensor>> tensors)
    {
        var copy = folder.PathOf("lora_0.safetensors");
        Rewrite(Path.Combine(GoldenModel.AdapterPath("clip", "paper_format"), "lora_0.safetensors"), copy, tensors);
        return copy;
    }

    private static void Rewrite(string source, string target, Action<Dictionary<string, torch.Tensor>>? change)
    {
        using var scope = torch.NewDisposeScope();
        using var file = SafetensorsFile.Open(source);
        var tensors = file.Entries.Keys.ToDictionary(name => name, name => file.Read(name));
        change?.Invoke(tensors);
        SafetensorsWriter.Write(target, tensors.Select(pair => (pair.Key, pair.Value)));
    }
}
