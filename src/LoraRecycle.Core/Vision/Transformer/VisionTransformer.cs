using LoraRecycle.Core.Adapters;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>
/// A vision transformer of any family, in the form that can be looked into and tuned: an adapter may be attached to every
/// linear layer, and gradients flow. Serving uses a <c>FusedEmbedder</c>, made from it.
/// </summary>
public sealed class VisionTransformer : WeightedModule<Tensor, VisionOutput>
{
    private readonly Dictionary<string, AdaptableLinear> _adaptable = [];
    private readonly RotaryPositions? _rotary;

    /// <param name="weights">Where the parameters come from; device and dtype are the source's.</param>
    /// <param name="config">The shape.</param>
    /// <param name="sourceName">A module's name in the checkpoint, for adapters that speak of it; the identity when there is none.</param>
    public VisionTransformer(IWeightSource weights, VisionTransformerConfig config, Func<string, string>? sourceName = null) : base("")
    {
        Config = config;
        Embeddings = Add("embeddings", new PatchEmbedding(weights, "embeddings", config));
        if (config.RotaryBase is not null) _rotary = new RotaryPositions(config, Embeddings.Weight.device, Embeddings.Weight.dtype);
        var blocks = Enumerable.Range(0, config.LayerCount).Select(index => new EncoderBlock(weights, $"layers.{index}", config, _rotary));
        Blocks = Add("layers", nn.ModuleList([.. blocks]));
        FinalNorm = Add("final_norm", new Norm(weights, "final_norm", config.HiddenSize, config.LayerNormEps));
        if (config.Pooling == Pooling.Attention) AttentionPooling = Add("pooling", new AttentionPooling(weights, "pooling", config));
        if (config.ProjectionSize is { } size)
            Projection = Add("projection", new AdaptableLinear(weights, "projection", config.HiddenSize, size, hasBias: false));

        for (var i = 0; i < Blocks.Count; i++)
            foreach (var (name, layer) in Blocks[i].AdaptableLayers)
                _adaptable[$"layers.{i}.{name}"] = layer;
        foreach (var (name, layer) in AttentionPooling?.AdaptableLayers ?? []) _adaptable[$"pooling.{name}"] = layer;
        if (Projection is not null) _adaptable["projection"] = Projection;
        AdaptableLayers = LayersOf(config, sourceName);
    }

    public VisionTransformerConfig Config { get; }

    public PatchEmbedding Embeddings { get; }

    public ModuleList<EncoderBlock> Blocks { get; }

    public Norm FinalNorm { get; }

    public AttentionPooling? AttentionPooling { get; }

    /// <summary>CLIP's map of the pooled token to the embedding, [projection, hidden], without a bias.</summary>
    public AdaptableLinear? Projection { get; }

    /// <summary>Every layer that an adapter may change.</summary>
    public IReadOnlyList<AdaptableLayer> AdaptableLayers { get; }

    /// <summary>The same with their weights.</summary>
    public IReadOnlyList<FrozenLayer> FrozenLayers =>
        [.. AdaptableLayers.Select(layer => new FrozenLayer(layer, LinearOf(layer).Weight, LinearOf(layer).Bias))];

    /// <summary>Every layer that an adapter may change in a transformer of a shape, whether it is loaded or not.</summary>
    internal static IReadOnlyList<AdaptableLayer> LayersOf(VisionTransformerConfig config, Func<string, string>? sourceName = null)
    {
        var (hidden, inner) = ((long)config.HiddenSize, (long)config.IntermediateSize);
        return
        [
            .. Enumerable.Range(0, config.LayerCount).SelectMany(index => InBlock($"layers.{index}")),
            .. config.Pooling == Pooling.Attention
                ? new[] { Layer("pooling.out", hidden, hidden), Layer("pooling.fc1", hidden, inner), Layer("pooling.fc2", inner, hidden) }
                : [],
            .. config.ProjectionSize is { } size ? new[] { Layer("projection", hidden, size) } : [],
        ];

        IEnumerable<AdaptableLayer> InBlock(string path) =>
        [
            Layer($"{path}.q", hidden, hidden), Layer($"{path}.k", hidden, hidden), Layer($"{path}.v", hidden, hidden),
            Layer($"{path}.out", hidden, hidden), .. config.IsGated ? new[] { Layer($"{path}.gate", hidden, inner) } : [],
            Layer($"{path}.fc1", hidden, inner), Layer($"{path}.fc2", inner, hidden),
        ];

        AdaptableLayer Layer(string name, long from, long to) => new(name, sourceName?.Invoke(name) ?? name, from, to);
    }

    /// <summary>The layer that a name of <see cref="AdaptableLayers"/> stands for.</summary>
    public AdaptableLinear LinearOf(AdaptableLayer layer) => _adaptable[layer.Name];

    /// <summary>Attaches an adapter as side branches, in the place of another one, until what is returned is disposed.</summary>
    /// <param name="adapter">Must outlive its use here; null for the bare model.</param>
    public IDisposable Attach(Adapter? adapter)
    {
        Use(adapter);
        return new Attachment(this);
    }

    /// <summary>Goes back to the bare model.</summary>
    public void Detach() => Use(null);

    private void Use(Adapter? adapter)
    {
        foreach (var (name, layer) in _adaptable)
            layer.Adapter = adapter?.Layers.GetValueOrDefault(name);
        for (var i = 0; i < Blocks.Count; i++)
            Blocks[i].Mixture = adapter?.Mixtures.GetValueOrDefault($"layers.{i}");
    }

    /// <param name="input">[batch, 3, height, width], normalised.</param>
    public override VisionOutput forward(Tensor input) => Run(input);

    /// <summary>The forward pass with fewer tokens: only some patches enter, or tokens leave on the way, or both.</summary>
    /// <param name="input">[batch, 3, height, width], normalised.</param>
    /// <param name="pruning">Where tokens leave; null for nowhere.</param>
    /// <param name="positions">[batch, kept]: the patches that enter, row by row from 0; null for all.</param>
    /// <exception cref="ModelException">The batch, the layers or the positions do not fit the model.</exception>
    public VisionOutput Run(Tensor input, TokenPruning? pruning = null, Tensor? positions = null)
    {
        RequireImages(input, Config);
        RequirePositions(positions, input.shape[0]);
        pruning?.RequireFits(Config);
        using var scope = NewDisposeScope();
        var kept = positions?.alias();
        var hidden = positions is null ? Embeddings.call(input) : Embeddings.Sparse(input, positions);
        var imageTokens = (int)(positions?.shape[1] ?? Config.PatchCount);
        for (var i = 0; i < Blocks.Count; i++)
        {
            var staying = pruning?.KeptAt(i, imageTokens) ?? imageTokens;
            if (staying == imageTokens)
            {
                hidden = Blocks[i].Run(hidden, kept);
                continue;
            }
            (hidden, var chosen) = Blocks[i].Prune(hidden, staying, kept);
            kept = kept?.gather(1, chosen) ?? chosen;
            imageTokens = staying;
        }

        var last = Config.NormalisesAllTokens ? FinalNorm.call(hidden) : hidden;
        var pooled =
            AttentionPooling?.call(last)
            ?? (Config.NormalisesAllTokens ? last[TensorIndex.Colon, 0] : FinalNorm.call(last[TensorIndex.Colon, 0]));
        var embeds = Projection?.call(pooled);
        return new VisionOutput(
            last.MoveToOuterDisposeScope(),
            pooled.MoveToOuterDisposeScope(),
            embeds?.MoveToOuterDisposeScope(),
            (embeds ?? pooled).alias().MoveToOuterDisposeScope(),
            kept?.MoveToOuterDisposeScope());
    }

    /// <summary>How much attention each patch gets in the last layer, averaged over heads. Not differentiable.</summary>
    /// <param name="input">[batch, 3, height, width], normalised.</param>
    /// <returns>[batch, patches], float32.</returns>
    public Tensor Saliency(Tensor input)
    {
        RequireImages(input, Config);
        using var selectionHasNoGradient = no_grad();
        using var scope = NewDisposeScope();
        var hidden = Embeddings.call(input);
        foreach (var block in Blocks.SkipLast(1)) hidden = block.call(hidden);
        return Blocks[^1].Saliency(hidden).MoveToOuterDisposeScope();
    }

    /// <exception cref="ModelException">The batch is not [batch, 3, size, size].</exception>
    internal static void RequireImages(Tensor input, VisionTransformerConfig config)
    {
        var shape = input.shape;
        if (shape is not [> 0, 3, var height, var width] || height != config.ImageSize || width != config.ImageSize)
            throw new ModelException(
                $"Expected pixel values [batch, 3, {config.ImageSize}, {config.ImageSize}], got [{string.Join(", ", shape)}]. Resize "
                    + "and crop as preprocessor_config.json says."
            );
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _rotary?.Dispose();
        base.Dispose(disposing);
    }

    private void RequirePositions(Tensor? positions, long batch)
    {
        if (
            positions is null
            || (
                positions.dtype == ScalarType.Int64
                && positions.shape is [var images, var kept]
                && images == batch
                && kept >= 1
                && kept <= Config.PatchCount
            )
        )
            return;
        throw new ModelException(
            $"Expected positions [{batch}, 1 to {Config.PatchCount}] of 64-bit integers, got {positions.dtype} "
                + $"[{string.Join(", ", positions.shape)}]."
        );
    }

    private sealed class Attachment(VisionTransformer model) : IDisposable
    {
        public void Dispose() => model.Detach();
    }
}
