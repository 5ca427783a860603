using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>One reading of the weights, and every model that is made from it.</summary>
public sealed class FoundationModelTests : IDisposable
{
    private static readonly string Adapters = Repository.PathOf("tests", "golden", "clip", "adapters");

    private readonly string _clip = Directory.CreateTempSubdirectory("lora-recycle-foundation-").FullName;

    public FoundationModelTests()
    {
        foreach (var file in Directory.GetFiles(Repository.PathOf("tests", "golden", "clip", "model")))
            File.Copy(file, Path.Combine(_clip, Path.GetFileName(file)));
        // The fixture has none; that of the shipped model makes squares, too.
        File.Copy(Repository.PathOf("models", "vit-s-12-96", "preprocessor_config.json"), Path.Combine(_clip, "preprocessor_config.json"));
    }

    public void Dispose() => Directory.Delete(_clip, recursive: true);

    private static float[] Embed(EmbeddingModel model)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        var size = model.Config.ImageSize;
        return model.Embed(randn([2, 3, size, size], generator: generator)).cpu().data<float>().ToArray();
    }

    [Theory]
    [InlineData("lora_qv")]
    [InlineData("dora_all")]
    [InlineData("lora_bias")]
    public void Models_made_from_it_are_those_that_are_loaded_one_by_one_in_whatever_order(string name)
    {
        using var foundation = FoundationModel.Load(_clip, CPU);
        using var adapter = AdapterCatalog.Default.Load(Path.Combine(Adapters, name), foundation.AdaptableLayers);
        using var adapted = foundation.WithAdapter(adapter);
        using var bare = foundation.WithAdapter(null);
        using var expectedAdapted = EmbeddingModel.Load(_clip, CPU, Path.Combine(Adapters, name));
        using var expectedBare = EmbeddingModel.Load(_clip, CPU);

        Assert.Equal((expectedAdapted.Revision, expectedBare.Revision), (adapted.Revision, bare.Revision));
        Assert.Equal(Embed(expectedAdapted), Embed(adapted));
        Assert.Equal(Embed(expectedBare), Embed(bare));
        Assert.NotEqual(Embed(bare), Embed(adapted));
    }

    [Fact]
    public void A_model_outlives_what_it_was_made_from()
    {
        EmbeddingModel model;
        using (var foundation = FoundationModel.Load(_clip, CPU))
        using (var adapter = AdapterCatalog.Default.Load(Path.Combine(Adapters, "lora_qv"), foundation.AdaptableLayers))
            model = foundation.WithAdapter(adapter);
        using var expected = EmbeddingModel.Load(_clip, CPU, Path.Combine(Adapters, "lora_qv"));

        Assert.Equal(Embed(expected), Embed(model));
        model.Dispose();
    }

    [Fact]
    public void The_revision_is_of_all_that_decides_an_embedding_and_of_nothing_else()
    {
        var revisions = new List<string>
        {
            Revision(_clip),
            Revision(_clip, precision: ComputePrecision.BFloat16),
            Revision(_clip, "lora_qv"),
            Revision(_clip, "dora_all"),
        };
        Assert.Equal(revisions[0], Revision(_clip));

        Touch("model.safetensors", bytes => bytes[^1] ^= 1);
        revisions.Add(Revision(_clip));
        Touch("preprocessor_config.json", bytes => bytes[^1] = (byte)' ');
        revisions.Add(Revision(_clip));
        Touch("config.json", bytes => bytes[^1] = (byte)' ');
        revisions.Add(Revision(_clip));
        Assert.Equal(revisions.Count, revisions.Distinct().Count());

        void Touch(string name, Action<byte[]> change)
        {
            var path = Path.Combine(_clip, name);
            var bytes = File.ReadAllBytes(path);
            if (name.EndsWith(".json", StringComparison.Ordinal))
                bytes = [.. bytes, (byte)'\n'];
            change(bytes);
            File.WriteAllBytes(path, bytes);
        }
    }

    [Theory]
    [InlineData("clip")]
    [InlineData("vit")]
    [InlineData("dinov2")]
    [InlineData("siglip")]
    public void The_layers_that_a_directory_announces_are_those_of_the_loaded_model(string family)
    {
        using var source = ModelDirectory.Open(Repository.PathOf("tests", "golden", family, "model"));
        using var model = source.Load(CPU);

        Assert.NotEmpty(model.AdaptableLayers);
        Assert.Equal(model.AdaptableLayers, source.AdaptableLayers);
        Assert.All(
            model.AdaptableLayers,
            layer => Assert.Equal([layer.OutFeatures, layer.InFeatures], model.state_dict()[$"{layer.Name}.weight"].shape)
        );
    }

    private static string Revision(string directory, string? adapter = null, ComputePrecision precision = ComputePrecision.Float32)
    {
        using var model = EmbeddingModel.Load(directory, CPU, adapter is null ? null : Path.Combine(Adapters, adapter), precision);
        return model.Revision;
    }
}
