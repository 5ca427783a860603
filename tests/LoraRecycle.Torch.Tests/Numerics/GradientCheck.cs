using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Numerics;

/// <summary>
/// Compares the gradients of a function with central finite differences, in float64. The function's output is made a
/// number by a fixed random weighting, so that an error in any element of it shows.
/// </summary>
internal static class GradientCheck
{
    private const double Step = 1e-6;
    private const double Tolerance = 1e-6;

    public static void Assert(Func<Tensor[], Tensor> function, params NdArray[] inputs)
    {
        var analytic = Gradients(function, inputs);
        for (var i = 0; i < inputs.Length; i++)
            Close.Assert(Numeric(function, inputs, i), analytic[i], Tolerance);
    }

    private static NdArray[] Gradients(Func<Tensor[], Tensor> function, NdArray[] inputs)
    {
        using var scope = NewDisposeScope();
        var tensors = inputs.Select(input => input.ToTensor().requires_grad_()).ToArray();
        Loss(function(tensors)).backward();
        return [.. tensors.Select(input => NdArray.FromTensor(input.grad ?? zeros_like(input)))];
    }

    private static NdArray Numeric(Func<Tensor[], Tensor> function, NdArray[] inputs, int which)
    {
        double At(int element, double change)
        {
            using var scope = NewDisposeScope();
            using var withoutGrad = no_grad();
            var moved = inputs.Select(input => new NdArray(input.Shape, [.. input.Values])).ToArray();
            moved[which].Values[element] += change;
            return Loss(function([.. moved.Select(input => input.ToTensor())])).item<double>();
        }

        var values = Enumerable.Range(0, inputs[which].Values.Length).Select(e => (At(e, Step) - At(e, -Step)) / (2 * Step));
        return new NdArray(inputs[which].Shape, [.. values]);
    }

    private static Tensor Loss(Tensor output) => output.mul(NdArray.Random(output.shape, 0.5, 1.5, seed: 99).ToTensor()).sum();
}
