using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion;

/// <summary>How many LoRAs share a batch where nobody says it.</summary>
public static class UnitSize
{
    /// <summary>Where memory cannot be told, as on a CPU, which gains nothing from more.</summary>
    public const int Fixed = 4;

    // Measured: 30 MB an image of 64 pixels with ViT-XS/8 and ResNet-18; 350 MB one of 224 with ViT-B/16 and ResNet-50.
    private const double BytesPerPixel = 7500;

    private const double UsableShare = 0.75;
    private const int Most = 64;

    /// <param name="devices">Where units are inverted; the smallest decides, so that any of them can take any unit.</param>
    /// <param name="model">What is inverted.</param>
    /// <param name="settings">How.</param>
    /// <returns>The most LoRAs in a unit, by their number of classes.</returns>
    public static Func<int, int> For(IEnumerable<Device> devices, VisionTransformerConfig model, InversionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        // The same device named twice is shared by two units.
        var memory = devices.GroupBy(device => device.ToString(), (_, same) => DeviceMemory.TotalBytes(same.First()) / same.Count()).Min();
        return memory is { } bytes
            ? classes => OfMemory(bytes, classes * settings.ImagesPerClass, model.ImageSize)
            : _ => Fixed;
    }

    /// <param name="bytes">Of a device.</param>
    /// <param name="images">Of a LoRA.</param>
    /// <param name="side">Pixels a side that the model sees.</param>
    internal static int OfMemory(long bytes, int images, int side) =>
        (int)Math.Clamp(bytes * UsableShare / (BytesPerPixel * images * side * side), 1, Most);
}
