using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

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

    /// <summary>
    /// Each patch as a row of its pixels, so that the convolution is one matrix product: exact float32 on a GPU too, where
    /// convolutions round to TF32. Pixels beyond the last whole patch are left out.
    /// </summary>
    /// <returns>[batch, patches, 3 * patch * patch].</returns>
    internal static Tensor Patches(Tensor images, int patch)
    {
        using var scope = NewDisposeScope();
        var (batch, rows, columns) = (images.shape[0], images.shape[2] / patch, images.shape[3] / patch);
        return images.narrow(2, 0, rows * patch).narrow(3, 0, columns * patch)
            .reshape(batch, 3, rows, patch, columns, patch).permute(0, 2, 4, 1, 3, 5).reshape(batch, rows * columns, 3 * patch * patch)
            .MoveToOuterDisposeScope();
    }

    /// <param name="input">[batch, 3, height, width].</param>
    /// <returns>[batch, tokens, hidden].</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var tokens = nn.functional.linear(Patches(input, _patch), Weight.flatten(1), Bias);
        if (ClassToken is not null) tokens = cat([ClassToken.expand(tokens.shape[0], 1, tokens.shape[2]), tokens], 1);
        tokens = tokens + Position;
        if (PreNorm is not null) tokens = PreNorm.call(tokens);
        return tokens.MoveToOuterDisposeScope();
    }

    /// <summary>The tokens of some patches only; the others are never computed.</summary>
    /// <param name="input">[batch, 3, height, width].</param>
    /// <param name="positions">[batch, kept]: patches counted row by row from 0, each below the patch count.</param>
    /// <returns>[batch, kept tokens, hidden], the class token in front where there is one.</returns>
    public Tensor Sparse(Tensor input, Tensor positions)
    {
        using var scope = NewDisposeScope();
        var (batch, kept) = (input.shape[0], positions.shape[1]);
        var patches = Patches(input, _patch);
        var chosen = patches.gather(1, positions.unsqueeze(2).expand(-1, -1, patches.shape[2]));
        var tokens = nn.functional.linear(chosen, Weight.flatten(1), Bias);
        var places = Position.squeeze(0).index_select(0, (ClassToken is null ? positions : positions + 1).flatten()).view(batch, kept, -1);
        tokens = tokens + places;
        if (ClassToken is not null)
            tokens = cat([(ClassToken + Position.narrow(1, 0, 1)).expand(batch, 1, tokens.shape[2]), tokens], 1);
        if (PreNorm is not null) tokens = PreNorm.call(tokens);
        return tokens.MoveToOuterDisposeScope();
    }
}
