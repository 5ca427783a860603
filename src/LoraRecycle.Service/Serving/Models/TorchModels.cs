using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>Models on libtorch.</summary>
internal static class TorchModels
{
    public static ModelSource Load(string directory, ServingDevice device, ComputePrecision precision)
    {
        // OpenMP keeps the number of threads for each calling thread, so it is set on the one that will run the model.
        ComputeThreads.Use(device.Threads);
        var foundation = FoundationModel.Load(directory, DeviceName.Resolve(device.Device), precision);
        return new ModelSource(wearing => Make(foundation, wearing), foundation);
    }

    private static DeviceModel Make(FoundationModel foundation, Wearing wearing)
    {
        if (wearing == Wearing.None)
            return OnDevice(foundation.Wear(adapter: null));
        using var adapter = AdapterCatalog.Default.Load(wearing.Directory, foundation.AdaptableLayers);
        return adapter.Revision == wearing.Revision
            ? OnDevice(foundation.Wear(adapter))
            : throw new AdapterException(
                $"the files of meta-LoRA '{wearing.Id}' have changed: expected revision {wearing.Revision}, found {adapter.Revision}."
            );
    }

    private static DeviceModel OnDevice(EmbeddingModel model) =>
        new(
            new ModelDescription(
                model.Id,
                model.Revision,
                model.EmbeddingLength,
                model.Device.ToString(),
                model.Precision.ToString().ToLowerInvariant(),
                model.FoundationRevision
            ),
            images => TorchException.Guard(() => model.Embed(images)),
            model
        );
}
