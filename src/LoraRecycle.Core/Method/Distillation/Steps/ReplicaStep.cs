using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Method.Distillation.Episodes;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Steps;

/// <summary>The inputs of one shape of step on a device, and how it is run: as it is, or on a GPU as a recorded CUDA graph.</summary>
internal sealed class ReplicaStep : IDisposable
{
    private readonly Action _compute;
    private readonly CudaGraph? _graph;

    /// <param name="device">Where to compute.</param>
    /// <param name="batch">A batch of this shape.</param>
    /// <param name="compute">Reads the inputs below and writes into tensors that stay where they are.</param>
    /// <param name="sharing">Another step of the device, whose memory for intermediate results this one shares.</param>
    public ReplicaStep(Device device, EpisodeBatch batch, Action<ReplicaStep> compute, ReplicaStep? sharing)
    {
        Shape = batch.Shape;
        Images = On(zeros([Shape.Images], ScalarType.Int64, device));
        Places = On(zeros([Shape.Images, 2, 3], device: device));
        Colours = On(zeros([Shape.Images, 3, 4], device: device));
        LineDrawings = On(zeros([Shape.Images], device: device));
        Coarse = On(zeros([Shape.Images], device: device));
        Targets = On(zeros([Shape.Targets, batch.Targets.Length / Shape.Targets], device: device));
        _compute = () => compute(this);
        if (device.type != TorchSharp.DeviceType.CUDA || CudaGraph.Unavailable is not null) return;
        Fill(batch);
        // Once outside the recording: libraries allocate their workspaces at first use.
        _compute();
        _graph = CudaGraph.Record(Math.Max(0, device.index), _compute, sharing?._graph);

        static Tensor On(Tensor made) => made.DetachFromDisposeScope();
    }

    public StepShape Shape { get; }

    /// <summary>[images], int64.</summary>
    public Tensor Images { get; }

    /// <summary>[images, 2, 3].</summary>
    public Tensor Places { get; }

    /// <summary>[images, 3, 4].</summary>
    public Tensor Colours { get; }

    /// <summary>[images].</summary>
    public Tensor LineDrawings { get; }

    /// <summary>[images].</summary>
    public Tensor Coarse { get; }

    /// <summary>[targets, ways].</summary>
    public Tensor Targets { get; }

    public void Run(EpisodeBatch batch)
    {
        Fill(batch);
        if (_graph is not null)
        {
            _graph.Replay();
            return;
        }
        _compute();
    }

    public void Dispose()
    {
        _graph?.Dispose();
        foreach (var input in new[] { Images, Places, Colours, LineDrawings, Coarse, Targets }) input.Dispose();
    }

    private void Fill(EpisodeBatch batch)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        Images.copy_(tensor(batch.Images));
        Places.copy_(tensor(batch.Places, Places.shape));
        Colours.copy_(tensor(batch.Colours, Colours.shape));
        LineDrawings.copy_(tensor(batch.LineDrawings));
        Coarse.copy_(tensor(batch.Coarse));
        Targets.copy_(tensor(batch.Targets, Targets.shape));
    }
}
