using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Core.Evaluation.Calibration;

/// <summary>Labelled images, embedded, to fit a calibration on.</summary>
/// <param name="Name">What they are: <c>caltech101-72 val (whole)</c>.</param>
/// <param name="Weight">What an episode of them counts for.</param>
/// <param name="Classes">The classes.</param>
/// <param name="Embeddings">An embedding, <c>[embedding]</c>, for each of their images.</param>
public sealed record CalibrationImages(
    string Name,
    double Weight,
    IReadOnlyList<ImageClass> Classes,
    IReadOnlyDictionary<string, float[]> Embeddings
)
{
    /// <summary>How many views of each picture are embedded.</summary>
    public const int Views = 2;

    /// <summary>Embeds the images of classes, as they are and made worse.</summary>
    /// <param name="model">The model with its adapter.</param>
    /// <param name="name">What they are.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="read">The encoded bytes of an image.</param>
    /// <param name="progress">Told how many pictures were embedded, counting each view.</param>
    /// <param name="cancellation">Checked before each batch.</param>
    /// <exception cref="DataSetException">An image cannot be decoded; the message names it.</exception>
    public static IReadOnlyList<CalibrationImages> Embed(
        EmbeddingModel model, string name, IReadOnlyList<ImageClass> classes, Func<string, byte[]> read,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(classes);
        var decoder = new ImageDecoder(new ImageDecoderOptions());
        var images = classes.SelectMany(one => one.Images).ToArray();
        return
        [
            .. PictureView.All.Select((view, place) => new CalibrationImages(
                $"{name} ({view.Name})", view.Weight, classes,
                new BatchEmbedder(model, decoder) { View = view.Change }
                    .Embed(images, read, new InlineProgress<int>(done => progress?.Report((place * images.Length) + done)), cancellation))),
        ];
    }
}
