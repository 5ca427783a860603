namespace LoraRecycle.Service.Serving.Models;

/// <summary>
/// The weights that every model of a device is made from. It is loaded, used and disposed by one thread, that of its
/// device, as are the models made from it.
/// </summary>
/// <param name="make">Makes a model with a meta-LoRA, or a bare one.</param>
/// <param name="owned">Disposed with it.</param>
internal sealed class ModelSource(Func<ServedAdapter, DeviceModel> make, IDisposable owned) : IDisposable
{
    /// <summary>Makes a model of its own, with a meta-LoRA merged into its weights or none. It takes memory of its own.</summary>
    public DeviceModel Make(ServedAdapter adapter) => make(adapter);

    public void Dispose() => owned.Dispose();
}

/// <summary>Loads the foundation model for a device. Called once for each, on the thread that will use it.</summary>
internal delegate ModelSource LoadFoundationModel(ServingDevice device);
