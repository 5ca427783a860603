using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.Transformer;
using LoraRecycle.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>A fixture's tiny transformer and the batch it is known to answer; everything in one scope.</summary>
internal sealed class GoldenTransformer : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public GoldenTransformer(string family)
    {
        using var directory = ModelDirectory.Open(Repository.PathOf("tests", "golden", family, "model"));
        using var expected = SafetensorsFile.Open(Repository.PathOf("tests", "golden", family, "model", "expected.safetensors"));
        Model = directory.Load(CPU);
        Pixels = expected.Read("pixel_values");
    }

    public VisionTransformer Model { get; }

    /// <summary>[batch, 3, size, size].</summary>
    public Tensor Pixels { get; }

    public int ClassTokens => Model.Config.HasClassToken ? 1 : 0;

    /// <summary>The tokens before the first layer, or after some of them.</summary>
    public Tensor Hidden(int layers) =>
        Model.Blocks.Take(layers).Aggregate(Model.Embeddings.call(Pixels), (hidden, block) => block.call(hidden));

    public void Dispose()
    {
        Model.Dispose();
        _scope.Dispose();
    }
}
