using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Options;
using TorchSharp;

namespace LoraRecycle.Service.Features.Loras.Inspection;

/// <summary>
/// Checks an uploaded LoRA against the model that serves: beyond what <see cref="AdapterReader"/> checks, its head takes the model's
/// embeddings, and the merged weights are finite. One at a time, since each is in memory meanwhile, and not on the model's thread.
/// </summary>
internal sealed class LoraCheck(IOptions<ModelsOptions> models, IOptions<LimitsOptions> limits, TimeProvider time) : IDisposable
{
    private readonly AdapterReader _reader = new(models.Value);
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
        try
        {
            return _reader.Read(upload.Directory, "the upload", (adapter, model) =>
            {
                if (adapter.Revision != upload.Id())
                    throw new InvalidOperationException($"The files in {upload.Directory} changed while they were being checked.");
                if (adapter.Head is not null)
                    adapter.RequireHead(model.Config.EmbeddingLength);
                RequireLabels(adapter.ClassNames);
                RequireMergeable(adapter, model, cancellation);
                return new LoraFacts(
                    adapter.Revision, upload.Name, Model, adapter.Family, adapter.Layers.Values.Max(layer => layer.NominalRank),
                    adapter.Targets,
                    adapter.ParameterCount, adapter.Head?.Classes, adapter.ClassNames, upload.Bytes, time.GetUtcNow());
            });
        }
        catch (UnusableAdapterException exception) when (exception.InnerException is AdapterException)
        {
            throw Unusable(exception, upload);
        }
    }

    /// <summary>The names of classes are shown where labels are, and keep to the same rules.</summary>
    private void RequireLabels(IReadOnlyList<string> names)
    {
        var longest = limits.Value.LabelLength;
        for (var i = 0; i < names.Count; i++)
            if (string.IsNullOrWhiteSpace(names[i]) || names[i].Length > longest || !ShownText.IsShown(names[i]))
                throw new ProblemException(
                    LoraProblems.Unusable,
                    $"Expected names of classes of 1 to {longest} printable characters; that of class {i} is "
                        + (names[i].Length > longest ? $"{names[i].Length} long." : "blank, or has characters that cannot be shown.")
                        + " Shorten it, or leave the file out.",
                    ClassificationHead.NamesFileName
                );
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

    private ProblemException Unusable(UnusableAdapterException exception, LoraUpload upload)
    {
        var reason = exception.Message;
        var detail = exception.OtherModel is { } other
            ? $"The LoRA states that it was made for the model '{LoraFiles.Shown(other)}', but this server serves '{Model}': {reason}"
            : reason;
        var file = upload.Files.FirstOrDefault(name => reason.Contains(name, StringComparison.Ordinal));
        return new ProblemException(
            LoraProblems.Unusable,
            detail,
            file ?? (upload.Files.Contains(LoraFiles.Paper) ? LoraFiles.Paper : AdapterFiles.TensorsName)
        );
    }
}
