using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Layers;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Gradients;

/// <summary>
/// LoRA-GGPO (arXiv 2502.14538, version 1): the pass has Gaussian noise on each row of the merged weight, stronger where the row or its
/// last gradient is large: deviation (sigma |W_i| + beta |gradient_i|^2) / sqrt(inputs).
/// </summary>
/// <param name="layers">Those that are tuned; A and B are there.</param>
/// <param name="noisy">The same, as they are attached.</param>
/// <param name="sigma">Of the row.</param>
/// <param name="beta">Of its gradient.</param>
/// <param name="random">What noise is drawn from.</param>
internal sealed class NoisyGradient(
    IReadOnlyList<TunedLayer> layers, IReadOnlyList<NoisyLayer> noisy, double sigma, double beta, Generator random)
    : IGradientRule, IResumable, IDisposable
{
    private const string Generator = "noise.generator";

    // Norms of the rows of each layer's last gradient; the gradients themselves are cleared before every pass.
    private readonly Dictionary<string, Tensor> _last = new(StringComparer.Ordinal);

    /// <summary>The deviation of each row's noise.</summary>
    /// <param name="rows">Norms of the merged weight's rows.</param>
    /// <param name="gradients">Norms of their last gradients; null before the first.</param>
    /// <param name="sigma">Of the row.</param>
    /// <param name="beta">Of its gradient.</param>
    /// <param name="inputs">The length of a row.</param>
    internal static Tensor Deviations(Tensor rows, Tensor? gradients, double sigma, double beta, long inputs)
    {
        var deviations = rows.mul(sigma);
        return (gradients is null ? deviations : deviations.add(gradients.square().mul(beta))).div(Math.Sqrt(inputs));
    }

    public double Take(Func<Tensor> loss)
    {
        using var scope = NewDisposeScope();
        using (no_grad())
            foreach (var (layer, target) in layers.Zip(noisy))
            {
                var (a, b) = (layer.A!, layer.B!);
                var merged = layer.Frozen.Weight.detach().to(ScalarType.Float32).add(b.mm(a), layer.Scale);
                var deviations = Deviations(Norms(merged), _last.GetValueOrDefault(layer.Name), sigma, beta, merged.shape[1]);
                target.Noise = randn(merged.shape, generator: random).to(merged.device).mul(deviations.unsqueeze(1));
            }
        var value = loss();
        value.backward();
        using (no_grad())
            foreach (var (layer, target) in layers.Zip(noisy))
            {
                target.Noise = null;
                if (beta == 0) continue;
                var (a, b) = (layer.A!, layer.B!);
                if (_last.Remove(layer.Name, out var old)) old.Dispose();
                _last[layer.Name] = Norms(b.mm(a.grad!).add(b.grad!.mm(a)).mul(layer.Scale)).DetachFromDisposeScope();
            }
        return value.item<float>();
    }

    public void Save(TuningState state)
    {
        state.Put(Generator, random.get_state());
        foreach (var (name, norms) in _last) state.Put(Norm(name), norms);
    }

    public void Resume(TuningState state)
    {
        random.set_state(state.Tensor(Generator));
        foreach (var layer in layers.Where(layer => state.Has(Norm(layer.Name))))
            _last[layer.Name] = state.Tensor(Norm(layer.Name)).to(layer.A!.device, copy: true).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var norms in _last.Values) norms.Dispose();
    }

    private static string Norm(string layer) => $"noise.norms.{layer}";

    private static Tensor Norms(Tensor matrix) => matrix.square().sum(1).sqrt();
}
