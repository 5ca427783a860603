using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;
using TorchSharp;

namespace LoraRecycle.Service.Features.Loras.Inspection;

/// <summary>
/// Checks all of a LoRA against the model that serves: every tensor has its place, its shape and finite values, every
/// module that it adapts is one of the model's, its head takes the model's embeddings, and the merged weights are finite.
/// One at a time, since each is in memory meanwhile, and not on the model's thread.
/// </summary>
internal sealed class LoraReader(IOptions<ModelsOptions> models, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <summary>The name of the model that serves.</summary>
    public string Model => models.Value.Default;

    /// <summary>Checks what was uploaded and tells what it is.</summary>
    /// <exception cref="ProblemException">It cannot be used.</exception>
    public async Task<LoraFacts> ReadAsync(LoraUpload upload, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            return await BackgroundThread.RunAsync(() => Read(upload, cancellation));
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private LoraFacts Read(LoraUpload upload, CancellationToken cancellation)
    {
        using var model = ModelDirectory.Open(models.Value.FindModel()!);
        try
        {
            using var adapter = AdapterCatalog.Default.Load(upload.Directory, model.AdaptableLayers);
            if (adapter.Revision != upload.Id())
                throw new InvalidOperationException($"The files in {upload.Directory} changed while they were being checked.");
            if (adapter.Head is not null)
                adapter.RequireHead(model.Config.EmbeddingLength);
            RequireMergeable(adapter, model, cancellation);
            return new LoraFacts(
                adapter.Revision, upload.Name, Model, adapter.Family, adapter.Layers.Values.Max(layer => layer.NominalRank),
                adapter.Targets,
                adapter.ParameterCount, adapter.Head?.Classes, adapter.ClassNames, upload.Bytes, time.GetUtcNow());
        }
        catch (AdapterException exception)
        {
            throw Unusable(exception, upload);
        }
    }

    /// <summary>Factors may be finite and their product not.</summary>
    private static void RequireMergeable(Adapter adapter, ModelDirectory model, CancellationToken cancellation)
    {
        foreach (var layer in model.AdaptableLayers)
        {
            if (!adapter.Layers.TryGetValue(layer.Name, out var change))
                continue;
            cancellation.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            var (weight, bias) = model.ReadLayer(layer);
            _ = change.Merge(weight, bias);
        }
    }

    private ProblemException Unusable(AdapterException exception, LoraUpload upload)
    {
        // A client learns what is wrong with the files, not where this server keeps them.
        var reason = exception.Message.Replace(upload.Directory + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
            .Replace(upload.Directory, "the upload", StringComparison.Ordinal);
        var madeFor = BaseModel(upload);
        var detail =
            madeFor is null || madeFor == Model
                ? reason
                : $"The LoRA states that it was made for the model '{LoraFiles.Shown(madeFor)}', but this server serves "
                    + $"'{Model}': {reason}";
        var file = upload.Files.FirstOrDefault(name => reason.Contains(name, StringComparison.Ordinal));
        return new ProblemException(
            LoraProblems.Unusable,
            detail,
            file ?? (upload.Files.Contains(LoraFiles.Paper) ? LoraFiles.Paper : AdapterFiles.TensorsName)
        );
    }

    private static string? BaseModel(LoraUpload upload)
    {
        try
        {
            return upload.Files.Contains(AdapterConfig.FileName)
                ? AdapterConfig.Read(Path.Combine(upload.Directory, AdapterConfig.FileName)).BaseModelName
                : null;
        }
        catch (AdapterException)
        {
            return null;
        }
    }
}
