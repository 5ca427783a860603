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
        return new ModelSource(served => Make(foundation, served), foundation);
    }

    private static DeviceModel Make(FoundationModel foundation, ServedAdapter served)
    {
        if (served == ServedAdapter.None)
            return OnDevice(foundation.WithAdapter(adapter: null));
        using var adapter = AdapterCatalog.Default.Load(served.Directory, foundation.AdaptableLayers);
        return adapter.Revision == served.Revision
            ? OnDevice(foundation.WithAdapter(adapter))
            : throw new AdapterException(
                $"the files of meta-LoRA '{served.Id}' have changed: expected revision {served.Revision}, found {adapter.Revision}."
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
