using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>A foundation model on libtorch.</summary>
internal sealed class TorchFoundationModel : IFoundationModel
{
    private readonly FoundationModel _model;

    private TorchFoundationModel(FoundationModel model) => _model = model;

    public static TorchFoundationModel Load(string directory, ServingDevice device, ComputePrecision precision)
    {
        // OpenMP keeps the number of threads for each calling thread, so it is set on the one that will run the model.
        ComputeThreads.Use(device.Threads);
        return new TorchFoundationModel(FoundationModel.Load(directory, DeviceName.Resolve(device.Device), precision));
    }

    public IVisionModel Wear(Wearing wearing)
    {
        if (wearing == Wearing.None)
            return new TorchVisionModel(_model.Wear(adapter: null));
        using var adapter = AdapterCatalog.Default.Load(wearing.Directory, _model.AdaptableLayers);
        return adapter.Revision == wearing.Revision
            ? new TorchVisionModel(_model.Wear(adapter))
            : throw new AdapterException(
                $"the files of meta-LoRA '{wearing.Id}' have changed: expected revision {wearing.Revision}, found {adapter.Revision}."
            );
    }

    public void Dispose() => _model.Dispose();
}
