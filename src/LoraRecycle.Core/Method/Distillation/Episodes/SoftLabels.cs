using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Episodes;

/// <summary>
/// The soft labels that LoRAs with their heads give images: the true teachers of the paper's equation. Each is asked of the image's middle
/// and of its mirror image, once.
/// </summary>
internal sealed class SoftLabels
{
    private const int BatchSize = 256;

    // By source: [images asked, classes] for the images as they are, then for their mirror images; and the first image asked.
    private readonly (float[] LogProbabilities, int Classes, int First, int Count)[] _bySource;

    private SoftLabels((float[], int, int, int)[] bySource) => _bySource = bySource;

    /// <param name="model">The bare model; each teacher is attached to it for as long as that is asked.</param>
    /// <param name="pixels">Turns bytes into the model's input.</param>
    /// <param name="images">[count, 3, side, side], 8 bit.</param>
    /// <param name="teachers">By source; null where there is none.</param>
    /// <param name="starts">The first image of each source.</param>
    /// <param name="ofAll">Whether to ask each of all images, or only of its own.</param>
    /// <param name="cancellation">Checked before each teacher.</param>
    public static SoftLabels Ask(
        VisionTransformer model,
        PixelSpace pixels,
        Tensor images,
        IReadOnlyList<Adapter?> teachers,
        IReadOnlyList<int> starts,
        bool ofAll,
        CancellationToken cancellation
    )
    {
        using var withoutGrad = no_grad();
        var total = (int)images.shape[0];
        var answers = new (float[], int, int, int)[teachers.Count];
        for (var i = 0; i < teachers.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (teachers[i] is not { } teacher) continue;
            var first = ofAll ? 0 : starts[i];
            var count = (ofAll ? total : i + 1 < starts.Count ? starts[i + 1] : total) - first;
            using var scope = NewDisposeScope();
            using var attached = model.Attach(teacher);
            var head = teacher.RequireHead(model.Config.EmbeddingLength);
            answers[i] = (Answer(model, pixels, images.narrow(0, first, count), head), (int)head.Classes, first, count);
        }
        return new SoftLabels(answers);
    }

    /// <summary>A teacher's log-probability that an image shows one of its classes.</summary>
    public float LogProbability(int source, int image, bool mirrored, int label)
    {
        var (values, classes, first, count) = _bySource[source];
        return values[((image - first + (mirrored ? count : 0)) * classes) + label];
    }

    private static float[] Answer(VisionTransformer model, PixelSpace pixels, Tensor bytes, ClassificationHead head)
    {
        using var scope = NewDisposeScope();
        var dtype = model.Embeddings.Weight.dtype;
        var plain = new List<Tensor>();
        var mirrored = new List<Tensor>();
        foreach (var batch in bytes.split(BatchSize))
        {
            var middle = pixels.MiddleFromBytes(batch, model.Config.ImageSize).to(dtype);
            plain.Add(LogProbabilities(middle));
            mirrored.Add(LogProbabilities(middle.flip(3)));
        }
        return cat([.. plain, .. mirrored]).cpu().data<float>().ToArray();

        Tensor LogProbabilities(Tensor seen) => head.call(model.call(seen).Embedding.to(ScalarType.Float32)).log_softmax(1);
    }
}
