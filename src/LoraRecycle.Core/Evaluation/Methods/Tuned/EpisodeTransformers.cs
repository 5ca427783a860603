using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Core.Vision.Transformer;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Tuned;

/// <summary>
/// A whole copy of a transformer for each of several episodes, run as one: every weight has a leading episode dimension
/// and every linear layer is one batched product. Equal to <see cref="VisionTransformer"/>, of any family.
/// </summary>
internal sealed class EpisodeTransformers : IDisposable
{
    private readonly VisionTransformerConfig _config;
    private readonly int _episodes;
    private readonly Dictionary<string, Parameter> _weights;
    private readonly RotaryPositions? _rotary;

    /// <summary>Copies of one model.</summary>
    public EpisodeTransformers(VisionTransformer model, int episodes)
        : this(model.Config, model.named_parameters().Select(entry => (entry.name, entry.parameter.detach().unsqueeze(0))), episodes)
    {
    }

    /// <summary>Copies of a single one of these.</summary>
    public EpisodeTransformers(EpisodeTransformers single, int episodes)
        : this(single._config, single._weights.Select(entry => (entry.Key, entry.Value.detach())), episodes)
    {
    }

    private EpisodeTransformers(VisionTransformerConfig config, IEnumerable<(string Name, Tensor Weight)> weights, int episodes)
    {
        using var scope = NewDisposeScope();
        (_config, _episodes) = (config, episodes);
        _weights = weights.ToDictionary(entry => entry.Name, entry =>
        {
            var copies = LiveTensors.Parameter(entry.Weight.repeat([episodes, .. entry.Weight.shape.Skip(1).Select(_ => 1L)]));
            copies.DetachFromDisposeScope();
            return copies;
        }, StringComparer.Ordinal);
        var (device, dtype) = (_weights.Values.First().device, _weights.Values.First().dtype);
        if (config.RotaryBase is not null) _rotary = new RotaryPositions(config, device, dtype);
    }

    /// <summary>[episodes, ...] each, in the model's order.</summary>
    public IReadOnlyCollection<Parameter> Parameters => _weights.Values;

    /// <param name="pixels">[episodes * n, 3, height, width], episode by episode.</param>
    /// <returns>[episodes, n, embedding].</returns>
    public Tensor Embed(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        var tokens = Tokens(pixels);
        for (var i = 0; i < _config.LayerCount; i++) tokens = Block(tokens, $"layers.{i}");
        var images = tokens.view(_episodes, -1, _config.TokenCount, _config.HiddenSize);
        var pooled = _config.Pooling == Pooling.Attention
            ? Pool(Norm(tokens, "final_norm"))
            : Norm(images.narrow(2, 0, 1).squeeze(2), "final_norm");
        var embedding = _weights.TryGetValue("projection.weight", out var projection) ? pooled.bmm(projection.mT) : pooled;
        return embedding.MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (var weight in _weights.Values) weight.Dispose();
        _rotary?.Dispose();
    }

    /// <returns>[episodes, n * tokens, hidden].</returns>
    private Tensor Tokens(Tensor pixels)
    {
        var hidden = _config.HiddenSize;
        var patches = PatchEmbedding.Patches(pixels, _config.PatchSize);
        var linear = Product(
                patches.view(_episodes, -1, patches.shape[2]),
                _weights["embeddings.patch_weight"].flatten(2),
                _weights.GetValueOrDefault("embeddings.patch_bias")
            )
            .view(_episodes, -1, _config.PatchCount, hidden);
        Tensor[] tokens = [.. Leading("class_token"), .. Leading("distillation_token"), linear];
        var placed = tokens.Length == 1 ? linear : cat(tokens, 2);
        if (_config.HasPositionTable) placed = placed + _weights["embeddings.position"];
        // Registers have no position, and come after the tokens that have one.
        if (_config.RegisterCount > 0)
        {
            var (before, after) = (_config.PlacedTokens, _config.PatchCount);
            placed = cat([placed.narrow(2, 0, before), .. Leading("registers"), placed.narrow(2, before, after)], 2);
        }
        placed = placed.reshape(_episodes, -1, hidden);
        return _config.HasPreNorm ? Norm(placed, "embeddings.pre_norm") : placed;

        Tensor[] Leading(string name) => _weights.TryGetValue($"embeddings.{name}", out var token)
            ? [token.expand(-1, linear.shape[1], -1, -1)]
            : [];
    }

    private Tensor Block(Tensor input, string path)
    {
        using var scope = NewDisposeScope();
        var normed = Norm(input, $"{path}.norm1");
        var attended = Attend(
            Turned(Heads(Linear(normed, $"{path}.q"), _config.TokenCount)),
            Turned(Heads(Linear(normed, $"{path}.k"), _config.TokenCount)),
            Heads(Linear(normed, $"{path}.v"), _config.TokenCount)
        );
        var middle = input + Scaled(Linear(attended, $"{path}.out"), $"{path}.scale1");
        return (middle + Scaled(FeedForward(Norm(middle, $"{path}.norm2"), path), $"{path}.scale2")).MoveToOuterDisposeScope();
    }

    /// <summary>SigLIP's head.</summary>
    /// <param name="tokens">[episodes, n * tokens, hidden].</param>
    private Tensor Pool(Tensor tokens)
    {
        var images = tokens.shape[1] / _config.TokenCount;
        var weights = _weights["pooling.in_weight"].chunk(3, 1);
        var biases = _weights["pooling.in_bias"].chunk(3, 1);
        var probe = _weights["pooling.probe"].view(_episodes, 1, -1).expand(-1, images, -1);
        var pooled = Linear(
            Attend(
                Heads(Product(probe, weights[0], biases[0]), 1),
                Heads(Product(tokens, weights[1], biases[1]), _config.TokenCount),
                Heads(Product(tokens, weights[2], biases[2]), _config.TokenCount)),
            "pooling.out");
        return pooled + FeedForward(Norm(pooled, "pooling.norm"), "pooling");
    }

    private Tensor FeedForward(Tensor input, string path)
    {
        var first = Linear(input, $"{path}.fc1");
        var inner = _weights.ContainsKey($"{path}.gate.weight")
            ? _config.Activation.Apply(Linear(input, $"{path}.gate")) * first
            : _config.Activation.Apply(first);
        return Linear(inner, $"{path}.fc2");
    }

    private Tensor Turned(Tensor heads) => _rotary is null ? heads : _rotary.Turn(heads);

    /// <returns>[episodes * n, heads, tokens, head].</returns>
    private Tensor Heads(Tensor projected, long tokens) =>
        projected.reshape(-1, tokens, _config.HeadCount, _config.HeadSize).transpose(1, 2);

    /// <returns>[episodes, n * tokens, hidden].</returns>
    private Tensor Attend(Tensor query, Tensor key, Tensor value) =>
        nn.functional.scaled_dot_product_attention(query, key, value).transpose(1, 2).reshape(_episodes, -1, _config.HiddenSize);

    private Tensor Norm(Tensor input, string path) =>
        nn.functional.layer_norm(input, [_config.HiddenSize], eps: _config.LayerNormEps) * _weights[$"{path}.weight"].unsqueeze(1)
        + _weights[$"{path}.bias"].unsqueeze(1);

    private Tensor Linear(Tensor input, string path) =>
        Product(input, _weights[$"{path}.weight"], _weights.GetValueOrDefault($"{path}.bias"));

    private Tensor Scaled(Tensor input, string name) => _weights.TryGetValue(name, out var scale) ? input * scale.unsqueeze(1) : input;

    /// <param name="input">[episodes, rows, in].</param>
    /// <param name="weight">[episodes, out, in].</param>
    /// <param name="bias">[episodes, out], or none.</param>
    private static Tensor Product(Tensor input, Tensor weight, Tensor? bias) =>
        bias is null ? input.bmm(weight.mT) : BatchedProduct.Add(bias.unsqueeze(1), input, weight.mT);
}
