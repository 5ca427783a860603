using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Serving;

namespace LoraRecycle.Service.Tests.Serving;

/// <summary>A model that runs when the test lets it, and fails when the test says so. Its embedding is the mean colour.</summary>
internal sealed class ControlledModel : IVisionModel
{
    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private readonly List<int> _batches = [];

    /// <summary>Throws, or not, on the images of a batch; called before each forward pass.</summary>
    public Action<IReadOnlyList<DecodedImage>> OnBatch { get; set; } = _ => { };

    public Func<float[], float[]> OnEmbedding { get; set; } = embedding => embedding;

    /// <summary>Completes when a forward pass is under way and waits at the closed gate.</summary>
    public TaskCompletionSource Entered { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsDisposed { get; private set; }

    public ModelDescription Description { get; } = new("controlled", "r1", 3, "cpu");

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

    public float[][] Embed(IReadOnlyList<DecodedImage> images)
    {
        lock (_batches)
            _batches.Add(images.Count);
        Entered.TrySetResult();
        _gate.Wait();
        OnBatch(images);
        return [.. images.Select(image => OnEmbedding(MeanColour(image)))];
    }

    private static float[] MeanColour(DecodedImage image)
    {
        var sums = new double[3];
        for (var i = 0; i < image.Pixels.Length; i++)
            sums[i % 3] += image.Pixels[i];
        return [.. sums.Select(sum => (float)(sum * 3 / image.Pixels.Length))];
    }

    public void Dispose() => IsDisposed = true;
}
