using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Cli.Tests;

/// <summary>A LoRA of seeded noise for the tiny model, as a PEFT directory.</summary>
internal sealed record TestLora
{
    public int Seed { get; init; } = 1;

    /// <summary>The directory of the model that it is for.</summary>
    public string Model { get; init; } = TinyModel.Directory;

    public int Rank { get; init; } = 2;

    public int Classes { get; init; } = 2;

    /// <summary>How many of the model's layers it adapts, from the first.</summary>
    public int Layers { get; init; } = 1;

    public bool HasBias { get; init; }

    /// <summary>Length of the embeddings that the head takes; 0 for the model's.</summary>
    public int Width { get; init; }

    /// <summary>Length of the vectors that the first adapted layer takes; 0 for the model's.</summary>
    public int Inputs { get; init; }

    /// <summary>What the noise of the factors is multiplied with.</summary>
    public double Scale { get; init; } = 0.01;

    public double HeadScale { get; init; } = 1;

    public void Write(string directory)
    {
        using var scope = NewDisposeScope();
        using var source = ModelDirectory.Open(Model);
        using var model = source.Load(CPU);
        using var generator = new Generator((ulong)Seed);
        var layers = model.AdaptableLayers.Take(Layers).ToArray();
        Directory.CreateDirectory(directory);
        SafetensorsWriter.Write(
            Path.Combine(directory, "adapter_model.safetensors"),
            layers.SelectMany(layer =>
                new[]
                {
                    (
                        $"base_model.model.{layer.SourceName}.lora_A.weight",
                        randn([Rank, Inputs > 0 ? Inputs : layer.InFeatures], generator: generator)
                    ),
                    (
                        $"base_model.model.{layer.SourceName}.lora_B.weight",
                        randn([layer.OutFeatures, Rank], generator: generator).mul(Scale)
                    ),
                }
            )
        );
        var weight = ("weight", randn([Classes, Width > 0 ? Width : model.Config.EmbeddingLength], generator: generator).mul(HeadScale));
        SafetensorsWriter.Write(
            Path.Combine(directory, "head.safetensors"),
            HasBias ? [weight, ("bias", randn([Classes], generator: generator))] : [weight]
        );
        var targets = string.Join(", ", layers.Select(layer => $"\"{layer.SourceName}\""));
        File.WriteAllText(
            Path.Combine(directory, "adapter_config.json"),
            $$"""{"peft_type": "LORA", "r": {{Rank}}, "lora_alpha": {{Rank}}, "target_modules": [{{targets}}]}"""
        );
    }
}
