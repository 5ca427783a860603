using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Tests.Serving;

/// <summary>
/// A foundation model that runs when the test lets it, and fails when the test says so. Its embedding is the mean colour;
/// with a meta-LoRA on, twice that.
/// </summary>
internal sealed class ControlledModel : IDisposable
{
    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private readonly List<int> _batches = [];

    /// <summary>Throws, or not, on the images of a batch; called before each forward pass.</summary>
    public Action<IReadOnlyList<DecodedImage>> OnBatch { get; set; } = _ => { };

    public Func<float[], float[]> OnEmbedding { get; set; } = embedding => embedding;

    /// <summary>Completes when a forward pass is under way and waits at the closed gate.</summary>
    public TaskCompletionSource Entered { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsDisposed { get; private set; }

    /// <summary>Throws, or not, when a meta-LoRA is put on.</summary>
    public Action<ServedAdapter> OnMake { get; set; } = _ => { };

    /// <summary>What was made and not yet disposed, in the order of making.</summary>
    public List<ServedAdapter> Made { get; } = [];

    /// <summary>What a device makes its models from.</summary>
    public ModelSource Source => new(Make, this);

    /// <summary>The sizes of the batches so far, warm-up first.</summary>
    public int[] Batches
    {
        get
        {
            lock (_batches)
                return [.. _batches];
        }
    }

    public void Close()
    {
        Entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _gate.Reset();
    }

    public void Open() => _gate.Set();

    private DeviceModel Make(ServedAdapter adapter)
    {
        OnMake(adapter);
        Made.Add(adapter);
        return new DeviceModel(
            new ModelDescription("controlled", "r1" + adapter.Revision, 3, "cpu", "float32", "r1"),
            images => Embed(images, adapter == ServedAdapter.None ? 1 : 2),
            new Removal(this, adapter)
        );
    }

    private float[][] Embed(IReadOnlyList<DecodedImage> images, float factor)
    {
        lock (_batches)
            _batches.Add(images.Count);
        Entered.TrySetResult();
        _gate.Wait();
        OnBatch(images);
        return [.. images.Select(image => OnEmbedding([.. MeanColour(image).Select(value => value * factor)]))];
    }

    private static float[] MeanColour(DecodedImage image)
    {
        var sums = new double[3];
        for (var i = 0; i < image.Pixels.Length; i++)
            sums[i % 3] += image.Pixels[i];
        return [.. sums.Select(sum => (float)(sum * 3 / image.Pixels.Length))];
    }

    public void Dispose() => IsDisposed = true;

    private sealed class Removal(ControlledModel owner, ServedAdapter adapter) : IDisposable
    {
        public void Dispose() => owner.Made.Remove(adapter);
    }
}
