using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>
/// A linear layer whose rows do not depend on how many there are. With few rows, as where one token of each image is left,
/// the CPU's matrix libraries sum in another order than with many (MKL below 4 rows a thread, oneDNN at one row), so an image
/// would get other digits alone than in a batch.
/// </summary>
internal static class BatchInvariantLinear
{
    /// <summary>Four rows a thread on four threads; a smaller product is limited by reading its weights, so padding costs
    /// nothing.</summary>
    private const long Block = 16;

    /// <summary>From here on the libraries agree with themselves whatever the number of rows.</summary>
    private const long ManyRows = 32;

    /// <param name="input">[..., in].</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="bias">[out], or null.</param>
    /// <returns>[..., out].</returns>
    public static Tensor Of(Tensor input, Tensor weight, Tensor? bias)
    {
        if (input.device.type != TorchSharp.DeviceType.CPU) return nn.functional.linear(input, weight, bias);
        using var scope = NewDisposeScope();
        var shape = input.shape;
        // Always as one matrix: of more dimensions libtorch at times adds the bias in a second rounding.
        var flat = input.reshape(-1, shape[^1]);
        var rows = flat.shape[0];
        var isPadded = rows < ManyRows && rows % Block != 0;
        if (isPadded) flat = cat([flat, zeros([Block - (rows % Block), shape[^1]], input.dtype, input.device)]);
        var output = nn.functional.linear(flat, weight, bias);
        if (isPadded) output = output.narrow(0, 0, rows);
        return output.view([.. shape[..^1], weight.shape[0]]).MoveToOuterDisposeScope();
    }
}
