using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Tests.Adapters;
using LoraRecycle.Core.Tests.Models;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.ResNet;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Inversion;

/// <summary>The golden CLIP, LoRAs of it with heads of seeded noise, and a tiny random residual network.</summary>
internal sealed class InversionFixture : IDisposable
{
    public const int Classes = 3;

    private readonly GoldenTransformer _golden = new("clip");
    private readonly List<Adapter> _adapters = [];

    public VisionTransformer Model => _golden.Model;

    public static PreprocessorConfig Preprocessor => PreprocessorConfig.DefaultOf(ImageProcessorKind.Clip);

    public static InversionSettings Settings =>
        new()
        {
            Iterations = 12,
            ImagesPerClass = 2,
            ReportEvery = 1,
            CheckpointEvery = 5,
            Seed = 3,
        };

    public InversionSource Source(string name, int classes = Classes, Func<Tensor, Tensor>? change = null, int width = 48)
    {
        var lora = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), Model.AdaptableLayers);
        using var generator = new Generator(7);
        var weight = randn([classes, width], generator: generator).mul(3);
        var head = new ClassificationHead(change?.Invoke(weight) ?? weight);
        var adapter = new Adapter(lora.Family, lora.Revision, lora.Layers, head);
        _adapters.Add(adapter);
        return new InversionSource(name, adapter, [.. Enumerable.Range(0, classes).Select(index => $"class {index}")]);
    }

    public static BatchNormPrior Prior() => new(new TinyWeights(), ResNetLayout.ResNet18);

    public IReadOnlyList<InversionOutcome> Invert(InversionSettings settings, params InversionSource[] sources) =>
        Invert(settings, null, sources);

    public IReadOnlyList<InversionOutcome> Invert(InversionSettings settings, BatchNormPrior? prior, params InversionSource[] sources)
    {
        using var inverter = new LoraInverter(Model, Preprocessor, prior, settings);
        return inverter.Invert(sources);
    }

    public void Dispose()
    {
        _adapters.ForEach(adapter => adapter.Dispose());
        _golden.Dispose();
    }

    private sealed class TinyWeights : IWeightSource
    {
        private ulong _seed = 5;

        public Tensor Take(string name, params long[] shape)
        {
            using var generator = new Generator(_seed++);
            return shape.Length == 4 ? randn(shape, generator: generator).mul_(0.05)
                : name.EndsWith("running_var", StringComparison.Ordinal) || name.EndsWith("weight", StringComparison.Ordinal) ? ones(shape)
                : zeros(shape);
        }
    }
}
