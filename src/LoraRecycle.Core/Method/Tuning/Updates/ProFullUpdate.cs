using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Layers;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Updates;

/// <summary>
/// LoRA-Pro, full: Adam's moments are those of the effect on the weight, and what Adam would do to the weight is brought back to A and B.
/// It takes their step itself. Bias correction counts from 1; the authors' release counts from 2.
/// </summary>
internal sealed class ProFullUpdate(IReadOnlyList<TunedLayer> layers, double learningRate) : IUpdate, IResumable, IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private readonly Dictionary<string, (Tensor First, Tensor Second)> _moments = new(StringComparer.Ordinal);

    public void Before(int step)
    {
        using var withoutGrad = no_grad();
        foreach (var layer in layers)
        {
            using var scope = NewDisposeScope();
            var (a, b) = (layer.A!, layer.B!);
            var effect = ProGradients.Of(a, b, a.grad!, b.grad!, layer.Scale).Effect(a, b, layer.Scale);
            if (!_moments.TryGetValue(layer.Name, out var moments))
                _moments[layer.Name] = moments = (
                    zeros_like(effect).DetachFromDisposeScope(), zeros_like(effect).DetachFromDisposeScope());
            moments.First.mul_(Beta1).add_(effect, 1 - Beta1);
            moments.Second.mul_(Beta2).addcmul_(effect, effect, 1 - Beta2);
            var wanted = moments.First.div(1 - Math.Pow(Beta1, step))
                .div(moments.Second.div(1 - Math.Pow(Beta2, step)).sqrt().add(Epsilon));
            var changes = ProGradients.Of(a, b, b.T.mm(wanted).mul(layer.Scale), wanted.mm(a.T).mul(layer.Scale), layer.Scale);
            a.sub_(changes.A.mul(learningRate));
            b.sub_(changes.B.mul(learningRate));
            // Adam, which comes next, has nothing left to do.
            a.grad!.zero_();
            b.grad!.zero_();
        }
    }

    public void After(int step)
    {
    }

    public void Save(TuningState state)
    {
        foreach (var (name, (first, second)) in _moments)
        {
            state.Put($"pro.first.{name}", first);
            state.Put($"pro.second.{name}", second);
        }
    }

    public void Resume(TuningState state)
    {
        foreach (var layer in layers)
            _moments[layer.Name] = (Moment("first", layer), Moment("second", layer));

        Tensor Moment(string which, TunedLayer of) => state.Tensor($"pro.{which}.{of.Name}").to(of.A!.device, copy: true)
            .DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach (var (first, second) in _moments.Values)
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
