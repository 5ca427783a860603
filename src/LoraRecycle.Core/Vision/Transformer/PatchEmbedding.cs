using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>Pixels to tokens: one linear map a patch, learnt tokens in front, a learnt vector for each position.</summary>
public sealed class PatchEmbedding : WeightedModule<Tensor, Tensor>
{
    private readonly int _patch, _placed;

    public PatchEmbedding(IWeightSource weights, string path, VisionTransformerConfig config) : base(path)
    {
        (_patch, _placed) = (config.PatchSize, config.PlacedTokens);
        Weight = Take(weights, "patch_weight", config.HiddenSize, config.Channels, config.PatchSize, config.PatchSize);
        if (config.HasPatchBias) Bias = Take(weights, "patch_bias", config.HiddenSize);
        if (config.HasClassToken) ClassToken = Take(weights, "class_token", 1, 1, config.HiddenSize);
        if (config.HasDistillationToken) DistillationToken = Take(weights, "distillation_token", 1, 1, config.HiddenSize);
        if (config.RegisterCount > 0) Registers = Take(weights, "registers", 1, config.RegisterCount, config.HiddenSize);
        if (config.HasPositionTable) Position = Take(weights, "position", 1, _placed + config.PatchCount, config.HiddenSize);
        if (config.HasPreNorm) PreNorm = Add("pre_norm", new Norm(weights, $"{path}.pre_norm", config.HiddenSize, config.LayerNormEps));
    }

    /// <summary>[hidden, 3, patch, patch].</summary>
    public Parameter Weight { get; }

    public Parameter? Bias { get; }

    /// <summary>[1, 1, hidden].</summary>
    public Parameter? ClassToken { get; }

    /// <summary>[1, 1, hidden].</summary>
    public Parameter? DistillationToken { get; }

    /// <summary>[1, registers, hidden].</summary>
    public Parameter? Registers { get; }

    /// <summary>[1, placed tokens and patches, hidden]; the class token's position comes first.</summary>
    public Parameter? Position { get; }

    /// <summary>The patches' positions, [1, patches, hidden]; null where there is no table.</summary>
    internal Tensor? PatchPositions => Position?.narrow(1, _placed, Position.shape[1] - _placed);

    /// <summary>The tokens in front of the patches with their positions, [1, leading, hidden]; null where there are none.</summary>
    internal Tensor? Leading()
    {
        using var scope = NewDisposeScope();
        Tensor[] placed = [.. new[] { ClassToken, DistillationToken }.OfType<Tensor>()];
        Tensor[] tokens = placed.Length == 0 ? [] : [Position is null ? cat(placed, 1) : cat(placed, 1) + Position.narrow(1, 0, _placed)];
        if (Registers is not null) tokens = [.. tokens, Registers];
        return tokens.Length == 0 ? null : cat(tokens, 1).MoveToOuterDisposeScope();
    }

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
        var patches = nn.functional.linear(Patches(input, _patch), Weight.flatten(1), Bias);
        return Assembled(patches, PatchPositions).MoveToOuterDisposeScope();
    }

    /// <summary>The tokens of some patches only; the others are never computed.</summary>
    /// <param name="input">[batch, 3, height, width].</param>
    /// <param name="positions">[batch, kept]: patches counted row by row from 0, each below the patch count.</param>
    /// <returns>[batch, kept tokens, hidden], the leading tokens in front where there are any.</returns>
    public Tensor Sparse(Tensor input, Tensor positions)
    {
        using var scope = NewDisposeScope();
        var (batch, kept) = (input.shape[0], positions.shape[1]);
        var patches = Patches(input, _patch);
        var chosen = patches.gather(1, positions.unsqueeze(2).expand(-1, -1, patches.shape[2]));
        var tokens = nn.functional.linear(chosen, Weight.flatten(1), Bias);
        var places = PatchPositions?.squeeze(0).index_select(0, positions.flatten()).view(batch, kept, -1);
        return Assembled(tokens, places).MoveToOuterDisposeScope();
    }

    private Tensor Assembled(Tensor patches, Tensor? places)
    {
        var tokens = places is null ? patches : patches + places;
        if (Leading() is { } leading) tokens = cat([leading.expand(tokens.shape[0], -1, -1), tokens], 1);
        return PreNorm is null ? tokens : PreNorm.call(tokens);
    }
}
