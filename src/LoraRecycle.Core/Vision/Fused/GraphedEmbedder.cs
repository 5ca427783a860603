using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Fused;

/// <summary>
/// A <see cref="FusedEmbedder"/> on a GPU whose small batches run as recorded CUDA graphs: below some tens of images a
/// forward pass is shorter than the time the host needs to launch its kernels. A batch is padded to the next recorded
/// size; larger ones run as they are.
/// </summary>
public sealed class GraphedEmbedder : nn.Module<Tensor, Tensor>
{
    private static readonly int[] Sizes = [1, 2, 4, 8, 16, 32];

    private readonly FusedEmbedder _embedder;
    private readonly Dictionary<int, Recording> _recordings = [];

    /// <param name="embedder">What to run; this takes it over.</param>
    public GraphedEmbedder(FusedEmbedder embedder) : base(nameof(GraphedEmbedder)) => register_module("embedder", _embedder = embedder);

    /// <inheritdoc cref="FusedEmbedder.forward"/>
    public override Tensor forward(Tensor input)
    {
        VisionTransformer.RequireImages(input, _embedder.Config);
        var batch = (int)input.shape[0];
        var size = Array.Find(Sizes, size => size >= batch);
        if (size == 0) return _embedder.call(input);
        if (!_recordings.TryGetValue(size, out var recording)) _recordings[size] = recording = new Recording(_embedder, size);
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

        public Recording(FusedEmbedder embedder, int size)
        {
            using var inference = inference_mode();
            var side = embedder.Config.ImageSize;
            _input = zeros([size, 3, side, side], embedder.Precision, embedder.Device).DetachFromDisposeScope();
            try
            {
                // Once outside the recording: libraries allocate their workspaces at first use.
                embedder.call(_input).Dispose();
                Tensor? output = null;
                _graph = CudaGraph.Record(Math.Max(0, embedder.Device.index), () => output = embedder.call(_input));
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
