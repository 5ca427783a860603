using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Models;

/// <summary>Pixels to tokens: one linear map a patch, the class token in front, a learnt vector for each position.</summary>
public sealed class PatchEmbedding : WeightedModule<Tensor, Tensor>
{
    private readonly int _patch;

    public PatchEmbedding(IWeightSource weights, string path, VisionTransformerConfig config) : base(path)
    {
        _patch = config.PatchSize;
        Weight = Take(weights, "patch_weight", config.HiddenSize, config.Channels, config.PatchSize, config.PatchSize);
        if (config.HasPatchBias) Bias = Take(weights, "patch_bias", config.HiddenSize);
        if (config.HasClassToken) ClassToken = Take(weights, "class_token", 1, 1, config.HiddenSize);
        Position = Take(weights, "position", 1, config.TokenCount, config.HiddenSize);
        if (config.HasPreNorm) PreNorm = Add("pre_norm", new Norm(weights, $"{path}.pre_norm", config.HiddenSize, config.LayerNormEps));
    }

    /// <summary>[hidden, 3, patch, patch].</summary>
    public Parameter Weight { get; }

    public Parameter? Bias { get; }

    /// <summary>[1, 1, hidden].</summary>
    public Parameter? ClassToken { get; }

    /// <summary>[1, tokens, hidden]; the class token's position comes first.</summary>
    public Parameter Position { get; }

    public Norm? PreNorm { get; }

    /// <param name="input">[batch, 3, height, width].</param>
    /// <returns>[batch, tokens, hidden].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var tokens = nn.functional.conv2d(input, Weight, Bias, strides: [_patch, _patch]).flatten(2).transpose(1, 2);
        if (ClassToken is not null) tokens = cat([ClassToken.expand(tokens.shape[0], 1, tokens.shape[2]), tokens], 1);
        tokens = tokens + Position;
        if (PreNorm is not null) tokens = PreNorm.call(tokens);
        return tokens.MoveToOuterDisposeScope();
    }
}
