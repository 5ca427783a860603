using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>One of the images cannot be used.</summary>
/// <param name="index">Which one, among those that were passed.</param>
/// <param name="cause">Why; its message is fit for the client.</param>
public sealed class UnusableImageException(int index, ImageException cause) : Exception(cause.Message, cause)
{
    public int Index { get; } = index;

    public ImageException Cause { get; } = cause;
}

/// <summary>The queue of the model has no room for the images of a request.</summary>
public sealed class QueueFullException(int images, int waiting, int capacity)
    : Exception($"{waiting} images wait for the model, of at most {capacity}; the request has {images}.");

/// <summary>The model could not be loaded, or threw, or gave what is no embedding.</summary>
public sealed class ModelFailureException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the model's files are at fault, and neither the device nor the program.</summary>
    public bool IsOfFiles
    {
        get
        {
            for (var exception = InnerException; exception is not null; exception = exception.InnerException)
                if (exception is ModelException or SafetensorsException)
                    return true;
            return false;
        }
    }
}

/// <summary>A device has not enough memory left for a single image.</summary>
public sealed class DeviceExhaustedException(string device, Exception cause)
    : Exception($"{device} has not enough memory left for one image: {cause.Message}", cause)
{
    public string Device { get; } = device;
}

/// <summary>A meta-LoRA could not be merged into the model: its files changed or went since it was chosen, or memory ran out.</summary>
public sealed class AdapterMergeException(ServedAdapter adapter, Exception cause)
    : Exception($"The meta-LoRA '{adapter.Id}' could not be merged into the model: {cause.Message}", cause)
{
    public ServedAdapter Adapter { get; } = adapter;
}
