using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Steps;

/// <summary>
/// One device's copy of all that training needs: it computes the gradient of its share of a step. On a GPU each shape of step
/// is recorded once as a CUDA graph, because so small a model spends most of a step launching kernels.
/// </summary>
internal sealed class Replica : IDisposable
{
    private readonly PixelSpace _pixels;
    private readonly StepObjective _objective;
    private readonly Dictionary<StepShape, ReplicaStep> _steps = [];
    private readonly Device _device;

    /// <param name="model">The bare model; the meta-LoRA is attached to it until this is disposed.</param>
    /// <param name="start">What the meta-LoRA starts from.</param>
    /// <param name="set">The images.</param>
    /// <param name="preprocessor">The model's pixels.</param>
    /// <param name="settings">How to train.</param>
    public Replica(VisionTransformer model, Adapter start, TrainingSet set, PreprocessorConfig preprocessor, DistillationSettings settings)
    {
        Model = model;
        _device = model.Embeddings.Weight.device;
        _pixels = new PixelSpace(preprocessor, _device);
        Adapter = new FlatAdapter(start, settings.MetaLearning ? 0 : set.Classes.Count, model.Config.EmbeddingLength, _device);
        _objective = new StepObjective(model, Adapter, set, _pixels, settings);
        Gradient = zeros_like(Adapter.Values).DetachFromDisposeScope();
        Loss = zeros([], device: _device).DetachFromDisposeScope();
    }

    public VisionTransformer Model { get; }

    public FlatAdapter Adapter { get; }

    /// <summary>Of the last step's share, [parameters].</summary>
    public Tensor Gradient { get; }

    /// <summary>Of the last step's share, a scalar.</summary>
    public Tensor Loss { get; }

    /// <summary>Makes a shape of step ready. Not to be called while another device computes: recording must be alone.</summary>
    public void Prepare(EpisodeBatch batch)
    {
        if (_steps.ContainsKey(batch.Shape)) return;
        _steps[batch.Shape] = new ReplicaStep(_device, batch, Compute, _steps.Values.FirstOrDefault());
    }

    /// <summary>Computes <see cref="Gradient"/> and <see cref="Loss"/>.</summary>
    public void Run(EpisodeBatch batch) => _steps[batch.Shape].Run(batch);

    public void Dispose()
    {
        foreach (var step in _steps.Values) step.Dispose();
        _objective.Dispose();
        Adapter.Dispose();
        Gradient.Dispose();
        Loss.Dispose();
        _pixels.Dispose();
    }

    private void Compute(ReplicaStep step)
    {
        using var scope = NewDisposeScope();
        var loss = _objective.Loss(
            step.Shape,
            new ImageViews(step.Images, step.Places, step.Colours, step.LineDrawings, step.Coarse),
            step.Targets
        );
        var gradients = autograd.grad([loss], [.. Adapter.Parameters]);
        using var withoutGrad = no_grad();
        Gradient.copy_(cat([.. gradients.Select(gradient => gradient.flatten())]));
        Loss.copy_(loss.detach());
    }
}
