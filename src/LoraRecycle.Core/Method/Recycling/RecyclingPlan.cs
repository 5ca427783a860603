using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>What to recycle, with what, and where to.</summary>
public sealed record RecyclingPlan
{
    /// <summary>The model that the LoRAs were tuned on: a Hugging Face directory.</summary>
    public required string Model { get; init; }

    /// <summary>The network of R_BN; null for none.</summary>
    public string? Prior { get; init; }

    /// <summary>At least one; inversion's units and distillation's episodes are spread over them.</summary>
    public required IReadOnlyList<Device> Devices { get; init; }

    /// <summary>In what the frozen model computes.</summary>
    public ScalarType Precision { get; init; } = ScalarType.Float32;

    /// <summary>The most LoRAs of so many classes in one batch; null for what memory holds.</summary>
    public Func<int, int>? BatchSize { get; init; }

    public InversionSettings Inversion { get; init; } = new();

    public DistillationSettings Distillation { get; init; } = new();

    /// <summary>A folder of LoRAs, with or without <c>market.json</c>.</summary>
    public required string Market { get; init; }

    /// <summary>Names of the LoRAs to recycle; none for all.</summary>
    public IReadOnlyList<string> Loras { get; init; } = [];

    /// <summary>Where synthetic images go and stay: what is there of the same LoRAs and settings is not made again.</summary>
    public required string Pools { get; init; }

    /// <summary>Where the meta-LoRA goes, as a PEFT directory.</summary>
    public required string Out { get; init; }

    /// <summary>Refuses, before any work, what could not be finished.</summary>
    /// <exception cref="IOException">What is to be written cannot be.</exception>
    /// <exception cref="InversionException">A setting of one stage makes the other impossible.</exception>
    /// <exception cref="ArgumentException">A setting of distillation is out of its range.</exception>
    public RecyclingPlan Validated()
    {
        PeftWriter.RequireReplaceable(Out);
        if (File.Exists(Pools)) throw new IOException($"{Pools} is a file; expected a folder for pools. Choose another name.");
        if (Inversion.ImagesPerClass < 2)
            throw new InversionException(
                $"Expected at least 2 images per class, one support image and one query; got {Inversion.ImagesPerClass}."
            );
        Distillation.Validated();
        return this;
    }
}
