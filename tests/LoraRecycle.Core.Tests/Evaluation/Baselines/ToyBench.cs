using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Tests.Adapters;
using LoraRecycle.Core.Tests.Inversion;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.Transformer;
using LoraRecycle.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Evaluation.Baselines;

/// <summary>A fixture's tiny model, noisy tinted images of six classes, and episodes of them; everything in one scope.</summary>
internal sealed class ToyBench : IDisposable
{
    public static readonly string[] LoraNames = ["lora_qv", "rslora_all", "lora_bias", "lora_rank_pattern"];

    private const int EachClass = 8;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly PreparedImages _images;
    private readonly Adapter[] _loras;

    /// <param name="family">The model's family; LoRAs are CLIP's.</param>
    /// <param name="loras">Names of the fixtures' LoRAs.</param>
    public ToyBench(string family = "clip", params string[] loras)
    {
        using var directory = ModelDirectory.Open(Repository.PathOf("tests", "golden", family, "model"));
        var model = directory.Load(CPU);
        Classes =
        [
            .. Enumerable
                .Range(0, 6)
                .Select(c => new ImageClass($"c{c}", [.. Enumerable.Range(0, EachClass).Select(i => $"c{c}/{i}.png")])),
        ];
        using var generator = new Generator(11);
        var size = model.Config.ImageSize;
        var pixels = randn([Classes.Length * EachClass, 3, size, size], generator: generator);
        for (var c = 0; c < Classes.Length; c++)
            pixels.narrow(0, c * EachClass, EachClass).narrow(1, c % 3, 1).add_(c < 3 ? 0.25 : -0.25);
        _images = new PreparedImages(pixels, Classes.SelectMany(c => c.Images));
        _loras = [.. loras.Select(name => AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), model.AdaptableLayers))];
        Bench = new Bench(model, InversionFixture.Preprocessor, _images, _loras, Classes);
    }

    public ImageClass[] Classes { get; }

    public Bench Bench { get; init; }

    public VisionTransformer Model => Bench.Model;

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public EpisodeSet Episodes(int count, int shots, int ways = 3, int queries = 3, long seed = 5) =>
        EpisodeSet.Draw(Classes, new EpisodeShape(ways, shots, queries), count, seed, _images);

    /// <summary>A method's logits, all episodes at once or in parts.</summary>
    public Tensor Logits(IFewShotMethod method, EpisodeSet episodes)
    {
        using var learner = method.Prepare(Bench, progress: null, Cancellation);
        return learner.Logits(episodes, Cancellation);
    }

    /// <summary>The embeddings of some images under an adapter, or of the bare model.</summary>
    /// <param name="rows">[episodes, n].</param>
    /// <param name="adapter">What is attached to the model.</param>
    /// <returns>[episodes, n, embedding].</returns>
    public Tensor Embed(Tensor rows, Adapter? adapter = null)
    {
        using var withoutGrad = no_grad();
        Model.Attach(adapter);
        var embeddings = Model.call(_images.Pixels.index_select(0, rows.flatten())).Embedding;
        Model.Detach();
        return embeddings.view(rows.shape[0], -1, embeddings.shape[1]);
    }

    public void Dispose()
    {
        Array.ForEach(_loras, lora => lora.Dispose());
        _images.Dispose();
        Model.Dispose();
        _scope.Dispose();
    }
}
