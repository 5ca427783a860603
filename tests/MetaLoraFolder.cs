using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Vision.Loading;
using static TorchSharp.torch;

namespace LoraRecycle.Tests;

/// <summary>A folder of meta-LoRAs for the tiny model, made for one test: random ones, which change embeddings visibly.</summary>
internal sealed class MetaLoraFolder : IDisposable
{
    public const int Rank = 2;

    public string Path { get; } = Directory.CreateTempSubdirectory("lora-recycle-meta-loras-").FullName;

    public string this[string id] => System.IO.Path.Combine(Path, id);

    /// <summary>Writes one, or replaces the one of that id.</summary>
    public MetaLoraFolder Add(string id, int seed, string run = "", string? model = null, int rank = Rank)
    {
        using var scope = NewDisposeScope();
        using var source = ModelDirectory.Open(model ?? TinyModel.Directory);
        using var generator = new Generator((ulong)seed, CPU);
        using var adapter = new Adapter(
            "lora",
            revision: "",
            source
                .AdaptableLayers.Where(layer =>
                    layer.Name.EndsWith(".q", StringComparison.Ordinal) || layer.Name.EndsWith(".v", StringComparison.Ordinal)
                )
                .ToDictionary(
                    layer => layer.Name,
                    LayerAdapter (layer) =>
                        new LoraLayer(
                            layer.Name,
                            randn([rank, layer.InFeatures], generator: generator) * 0.1,
                            randn([layer.OutFeatures, rank], generator: generator) * 0.1,
                            scale: 1
                        )
                )
        );
        PeftWriter.Write(
            this[id],
            adapter,
            source.AdaptableLayers,
            System.IO.Path.GetFileName(model ?? TinyModel.Directory),
            addFiles: folder =>
            {
                if (run.Length > 0)
                    File.WriteAllText(System.IO.Path.Combine(folder, "run.json"), run);
            }
        );
        return this;
    }

    /// <summary>Writes one that breaks off in the middle of its tensors.</summary>
    public MetaLoraFolder AddDamaged(string id)
    {
        Add(id, seed: 99);
        using var tensors = File.OpenWrite(System.IO.Path.Combine(this[id], "adapter_model.safetensors"));
        tensors.SetLength(tensors.Length / 2);
        return this;
    }

    /// <summary>Writes one for a model of other shapes.</summary>
    public MetaLoraFolder AddForAnotherModel(string id) =>
        Add(id, seed: 98, model: Repository.PathOf("tests", "golden", "dinov2", "model"));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
