using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>
/// Positions as rotations of queries and keys (DINOv3, arXiv 2508.10104): each patch's centre, from -1 to 1 along both axes, sets
/// the angles. Tokens in front of the patches are nowhere and stay as they are. Owns its tables.
/// </summary>
public sealed class RotaryPositions : IDisposable
{
    private readonly int _leading, _patches;
    private readonly Tensor _cosines, _sines;

    /// <param name="config">Of the model; its base must be there.</param>
    /// <param name="device">Where queries and keys are.</param>
    /// <param name="dtype">In what precision they are; angles are computed in float32.</param>
    public RotaryPositions(VisionTransformerConfig config, Device device, ScalarType dtype)
    {
        (_leading, _patches) = (config.LeadingTokens, config.PatchCount);
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var side = config.ImageSize / config.PatchSize;
        var steps = arange(0, config.HeadSize / 4, ScalarType.Float32).mul(4.0 / config.HeadSize);
        var frequencies = full_like(steps, config.RotaryBase!.Value).pow(steps).reciprocal();
        var centres = arange(0, side, ScalarType.Float32).add(0.5).mul(2.0 / side).sub(1);
        var rows = centres.unsqueeze(1).expand(side, side).flatten();
        var columns = centres.unsqueeze(0).expand(side, side).flatten();
        // [patches, 2, head / 4] and that twice, as the halves of a head are rotated together.
        var angles = stack([rows, columns], 1).unsqueeze(2).mul(frequencies).mul(2 * Math.PI).flatten(1);
        angles = cat([angles, angles], 1);
        (_cosines, _sines) = (Keep(angles.cos()), Keep(angles.sin()));

        Tensor Keep(Tensor table) => table.to(dtype, device).DetachFromDisposeScope();
    }

    /// <summary>Turns the patches among queries or keys.</summary>
    /// <param name="heads">[batch, heads, tokens, head].</param>
    /// <param name="positions">[batch, kept]: which patches are there, row by row from 0; null for all.</param>
    /// <returns>The same shape.</returns>
    /// <exception cref="ModelException">There are fewer patches than positions are known for.</exception>
    public Tensor Turn(Tensor heads, Tensor? positions = null)
    {
        using var scope = NewDisposeScope();
        var count = heads.shape[2] - _leading;
        if (count != (positions?.shape[1] ?? _patches))
            throw new ModelException(
                $"Expected the {positions?.shape[1] ?? _patches} patches that have positions, got {count}. Say which patches stayed."
            );
        var patches = heads.narrow(2, _leading, count);
        var halves = patches.chunk(2, -1);
        var turned = patches.mul(Of(_cosines, positions)).add(cat([halves[1].neg(), halves[0]], -1).mul(Of(_sines, positions)));
        return (_leading == 0 ? turned : cat([heads.narrow(2, 0, _leading), turned], 2)).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _cosines.Dispose();
        _sines.Dispose();
    }

    /// <returns>[patches, head], or [batch, 1, kept, head].</returns>
    private static Tensor Of(Tensor table, Tensor? positions) => positions is null
        ? table
        : table.index_select(0, positions.flatten()).view(positions.shape[0], 1, positions.shape[1], -1);
}
