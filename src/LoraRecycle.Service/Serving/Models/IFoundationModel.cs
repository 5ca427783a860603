namespace LoraRecycle.Service.Serving.Models;

/// <summary>
/// The weights that every model of a device is made from. It is loaded, used and disposed by one thread, that of its
/// device, as are the models made from it.
/// </summary>
public interface IFoundationModel : IDisposable
{
    /// <summary>Makes a model of its own, with a meta-LoRA merged into its weights or none. It takes memory of its own.</summary>
    IVisionModel Wear(Wearing wearing);
}

/// <summary>Loads the foundation model for a device. Called once for each, on the thread that will use it.</summary>
public delegate IFoundationModel LoadFoundationModel(ServingDevice device);
