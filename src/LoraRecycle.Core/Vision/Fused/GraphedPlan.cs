using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>
/// An <see cref="EmbeddingPlan"/> on a GPU whose small batches run as recorded CUDA graphs: below some tens of images a
/// forward pass is shorter than the time the host needs to launch its kernels. A batch is padded to the next recorded
/// size; larger ones run as they are.
/// </summary>
public sealed class GraphedPlan : nn.Module<Tensor, Tensor>
{
    private static readonly int[] Sizes = [1, 2, 4, 8, 16, 32];

    private readonly EmbeddingPlan _plan;
    private readonly Dictionary<int, Recording> _recordings = [];

    /// <param name="plan">The plan to run; this takes it over.</param>
    public GraphedPlan(EmbeddingPlan plan) : base(nameof(GraphedPlan)) => register_module("plan", _plan = plan);

    /// <inheritdoc cref="EmbeddingPlan.forward"/>
    public override Tensor forward(Tensor input)
    {
        VisionTransformer.RequireImages(input, _plan.Config);
        var batch = (int)input.shape[0];
        var size = Array.Find(Sizes, size => size >= batch);
        if (size == 0) return _plan.call(input);
        if (!_recordings.TryGetValue(size, out var recording)) _recordings[size] = recording = new Recording(_plan, size);
        return recording.Run(input, batch);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (var recording in _recordings.Values) recording.Dispose();
        base.Dispose(disposing);
    }

    private sealed class Recording : IDisposable
    {
        private readonly Tensor _input, _output;
        private readonly CudaGraph _graph;

        public Recording(EmbeddingPlan plan, int size)
        {
            using var inference = inference_mode();
            _input = zeros([size, 3, plan.Config.ImageSize, plan.Config.ImageSize], plan.Precision, plan.Device).DetachFromDisposeScope();
            try
            {
                // Once outside the recording: libraries allocate their workspaces at first use.
                plan.call(_input).Dispose();
                Tensor? output = null;
                _graph = CudaGraph.Record(Math.Max(0, plan.Device.index), () => output = plan.call(_input));
                _output = output!.DetachFromDisposeScope();
            }
            catch
            {
                _input.Dispose(); // out of memory, most likely: whoever tries a smaller batch needs it
                throw;
            }
        }

        public Tensor Run(Tensor pixels, int batch)
        {
            using var inference = inference_mode();
            using var scope = NewDisposeScope();
            _input.narrow(0, 0, batch).copy_(pixels);
            _graph.Replay();
            return _output.narrow(0, 0, batch).clone().MoveToOuterDisposeScope();
        }

        public void Dispose()
        {
            _graph.Dispose();
            _input.Dispose();
            _output.Dispose();
        }
    }
}
