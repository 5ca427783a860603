using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.EndToEnd;

/// <summary>Adapters of many families for the tiny model, each with a head of two classes.</summary>
internal static class MixedMarket
{
    /// <summary>What PEFT tuned, family by family; all were given the same head.</summary>
    public static IReadOnlyList<string> Adapters { get; } =
        ["lora_qv", "dora_all", "vera", "randlora", "loha", "lokr", "ia3", "oft", "boft", "hra", "fourierft", "vblora"];

    /// <summary>Writes a directory for each below a folder.</summary>
    public static void Write(string folder)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var head = randn([2, 48], generator: generator);
        foreach (var name in Adapters)
        {
            var lora = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
            foreach (var file in new[] { "adapter_config.json", "adapter_model.safetensors" })
                File.Copy(Repository.PathOf("tests", "golden", "clip", "adapters", name, file), Path.Combine(lora, file));
            SafetensorsWriter.Write(Path.Combine(lora, "head.safetensors"), [("weight", head)]);
            File.WriteAllText(Path.Combine(lora, "classes.json"), $"""["{name} day", "{name} night"]""");
        }
    }
}
