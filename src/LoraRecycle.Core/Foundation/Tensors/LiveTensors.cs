using TorchSharp;
using TorchSharp.Modules;

namespace LoraRecycle.Core.Foundation.Tensors;

/// <summary>
/// How many tensors are not freed. TorchSharp counts, but a <see cref="Parameter"/> takes over the tensor that it is made of
/// without counting that one off, so parameters are made here, where it is made up for.
/// </summary>
public static class LiveTensors
{
    private static long _takenOver;

    public static long Count => torch.Tensor.TotalCount - Interlocked.Read(ref _takenOver);

    /// <param name="value">What the parameter takes over; empty afterwards.</param>
    /// <param name="requiresGrad">Whether it is trained.</param>
    internal static Parameter Parameter(torch.Tensor value, bool requiresGrad = true)
    {
        var parameter = new Parameter(value, requiresGrad);
        Interlocked.Increment(ref _takenOver);
        return parameter;
    }
}
