using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Updates;

/// <summary>LaMDA (arXiv 2406.12832): in the first share of the steps the columns of B are frozen, one after the other. The step is undone
/// and not the gradient, as Adam's momentum would go on moving them.</summary>
/// <param name="factors">B of all layers.</param>
/// <param name="steps">Steps in all.</param>
/// <param name="share">Of the steps, after which all columns are frozen.</param>
internal sealed class FrozenColumns(IReadOnlyList<Parameter> factors, int steps, double share) : IUpdate
{
    private readonly List<Tensor> _before = [];

    /// <summary>How many columns of a rank are frozen after some steps: floor(rank * done / (share * steps)).</summary>
    internal static int Count(int rank, int done, int steps, double share) =>
        (int)Math.Min(rank, Math.Floor(rank * done / (share * steps)));

    public void Before(int step)
    {
        using var withoutGrad = no_grad();
        _before.Clear();
        foreach (var factor in factors) _before.Add(factor.detach().clone());
    }

    public void After(int step)
    {
        using var withoutGrad = no_grad();
        foreach (var (factor, value) in factors.Zip(_before))
            if (Count((int)factor.shape[1], step - 1, steps, share) is > 0 and var frozen)
                factor.narrow(1, 0, frozen).copy_(value.narrow(1, 0, frozen));
    }
}
