using LoraRecycle.Core.Devices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Models;
using LoraRecycle.Service.Configuration;

namespace LoraRecycle.Service.Serving;

/// <summary>A foundation model on libtorch. The one place of the service that knows of libtorch.</summary>
internal sealed class TorchVisionModel : IVisionModel
{
    private readonly EmbeddingModel _model;

    private TorchVisionModel(EmbeddingModel model)
    {
        _model = model;
        Description = new ModelDescription(model.Id, model.Revision, model.EmbeddingLength, model.Device.ToString());
    }

    public ModelDescription Description { get; }

    public static TorchVisionModel Load(string directory, ServingOptions options)
    {
        // OpenMP keeps the number of threads for each calling thread, so it is set on the one that will run the model.
        ComputeThreads.Use(options.Threads);
        return new TorchVisionModel(EmbeddingModel.Load(directory, DeviceName.Resolve(options.Device)));
    }

    public float[][] Embed(IReadOnlyList<DecodedImage> images) => _model.Embed(images);

    public void Dispose() => _model.Dispose();
}
