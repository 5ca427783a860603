using LoraRecycle.Core.Evaluation.Methods.Harness;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Mixed;

/// <summary>
/// Minimises without gradients, for many episodes at once: a (1+1) evolution strategy with the one-fifth success rule
/// (Rechenberg 1973), each episode with a step size of its own. It starts at zero, as LoRAHub does.
/// </summary>
/// <param name="Evaluations">How often the loss is computed, the start included.</param>
/// <param name="StepSize">The standard deviation of the first steps.</param>
/// <param name="Bound">Weights stay within +-this.</param>
internal sealed record EvolutionStrategy(int Evaluations, double StepSize, double Bound)
{
    /// <param name="dimensions">Weights of an episode.</param>
    /// <param name="generators">The episodes'.</param>
    /// <param name="loss">[episodes, dimensions] to [episodes].</param>
    /// <param name="cancellation">Checked before every evaluation.</param>
    /// <returns>The best that was seen, [episodes, dimensions].</returns>
    public Tensor Minimise(int dimensions, EpisodeGenerators generators, Func<Tensor, Tensor> loss, CancellationToken cancellation)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var noise = generators.Normal([Evaluations, dimensions]);
        var best = zeros_like(noise.narrow(1, 0, 1).squeeze(1));
        var lowest = loss(best);
        var step = zeros_like(lowest) + StepSize;
        for (var evaluation = 1; evaluation < Evaluations; evaluation++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var candidate = (best + noise.narrow(1, evaluation, 1).squeeze(1) * step.unsqueeze(1)).clamp(-Bound, Bound);
            var value = loss(candidate);
            var better = value.le(lowest);
            best = where(better.unsqueeze(1), candidate, best).MoveToOuterDisposeScope();
            lowest = where(better, value, lowest).MoveToOuterDisposeScope();
            // Wider after a success, narrower after a failure, in balance where one step in five succeeds.
            step = where(better, step * 1.5, step * Math.Pow(1.5, -0.25)).MoveToOuterDisposeScope();
        }
        return best.MoveToOuterDisposeScope();
    }
}
