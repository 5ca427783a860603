using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Imaging.Preprocessing;
using static TorchSharp.torch;

namespace LoraRecycle.Core.DataSets.Images;

/// <summary>The images of tasks, decoded and preprocessed, with some of each class held out.</summary>
/// <param name="data">Where they are.</param>
/// <param name="preprocessor">The model's.</param>
/// <param name="heldOut">Which are held out.</param>
/// <param name="decoder">What they are decoded with; without one, that of usual limits.</param>
public sealed class TaskImages(
    ImageDataSet data, ImagePreprocessor preprocessor, HeldOutSplit heldOut, ImageDecoder? decoder = null)
{
    private readonly DecodedBatches _batches = new(decoder ?? new ImageDecoder(new ImageDecoderOptions()));

    public ImageDataSet Data { get; } = data;

    public HeldOutSplit HeldOut { get; } = heldOut;

    /// <summary>What a LoRA of these classes is tuned on; the caller owns it.</summary>
    /// <exception cref="DataSetException">A class is not in the data set, an image cannot be decoded, or the classes make no
    /// task.</exception>
    public LabelledImages Train(IReadOnlyList<string> classes, Device device, CancellationToken cancellation = default) =>
        Load(classes, images => HeldOut.Of(images).Train, device, cancellation)!;

    /// <summary>What it is tested on, or null where nothing is held out.</summary>
    /// <inheritdoc cref="Train"/>
    public LabelledImages? Test(IReadOnlyList<string> classes, Device device, CancellationToken cancellation = default) =>
        Load(classes, images => HeldOut.Of(images).HeldOut, device, cancellation);

    private LabelledImages? Load(
        IReadOnlyList<string> classes,
        Func<IReadOnlyList<string>, IReadOnlyList<string>> part,
        Device device,
        CancellationToken cancellation
    )
    {
        var byName = Data.Select(classes).ToDictionary(c => c.Name, StringComparer.Ordinal);
        (string Image, long Label)[] chosen =
        [
            .. classes.Index().SelectMany(c => part(byName[c.Item].Images).Select(image => (image, (long)c.Index))),
        ];
        if (chosen.Length == 0)
            return null;
        using var scope = NewDisposeScope();
        var pixels = new List<Tensor>();
        foreach (var batch in _batches.Of(chosen.Select(item => item.Image), Data.Read, cancellation))
            pixels.Add(preprocessor.Preprocess(batch.Images, device));
        return new LabelledImages(cat([.. pixels]), tensor([.. chosen.Select(item => item.Label)], device: device), classes);
    }
}
