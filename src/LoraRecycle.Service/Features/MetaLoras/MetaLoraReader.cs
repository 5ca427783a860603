using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>
/// Reads the folder of one meta-LoRA and checks all of it against the model: every tensor has its place, its shape and
/// finite values. In host memory, and only to look: what serves is merged by the model's own thread.
/// </summary>
/// <param name="model">The name of the model that serves.</param>
/// <param name="layers">The layers that a meta-LoRA may change.</param>
internal sealed class MetaLoraReader(string model, IReadOnlyList<AdaptableLayer> layers)
{
    /// <param name="modelDirectory">The Hugging Face directory of the model that serves; no weight of it is read.</param>
    /// <exception cref="ModelException">It cannot be used.</exception>
    public static MetaLoraReader For(string modelDirectory)
    {
        using var source = ModelDirectory.Open(modelDirectory);
        return new MetaLoraReader(Path.GetFileName(modelDirectory), source.AdaptableLayers);
    }

    public MetaLora Read(DirectoryInfo folder)
    {
        var files = folder.GetFiles();
        var (bytes, written) = (
            files.Sum(file => file.Length),
            files.Select(file => file.LastWriteTimeUtc).DefaultIfEmpty(folder.LastWriteTimeUtc).Max()
        );
        try
        {
            using var adapter = AdapterCatalog.Default.Load(folder.FullName, layers);
            return new MetaLora(folder.Name, bytes, written, new MetaLoraFacts(
                new Wearing(folder.Name, adapter.Revision, folder.FullName),
                adapter.Family,
                adapter.Layers.Values.Max(layer => layer.NominalRank),
                adapter.Targets,
                adapter.ParameterCount,
                RunSummary.Read(folder.FullName)));
        }
        catch (Exception exception) when (exception is AdapterException or IOException or UnauthorizedAccessException)
        {
            // A client learns what is wrong with the files, not where this server keeps them.
            var reason = exception.Message.Replace(folder.FullName + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
                .Replace(folder.FullName, folder.Name, StringComparison.Ordinal);
            var madeFor = BaseModel(folder);
            return madeFor is null || madeFor == model
                ? new MetaLora(folder.Name, bytes, written, Facts: null, reason)
                : new MetaLora(
                    folder.Name,
                    bytes,
                    written,
                    Facts: null,
                    $"The meta-LoRA was made for the model '{madeFor}', but this server serves '{model}': {reason}",
                    IsForAnotherModel: true
                );
        }
    }

    /// <summary>The name of the model that the settings say it was made for.</summary>
    private static string? BaseModel(DirectoryInfo folder)
    {
        try
        {
            return AdapterConfig.Read(Path.Combine(folder.FullName, AdapterConfig.FileName)).BaseModelName;
        }
        catch (AdapterException)
        {
            return null;
        }
    }
}
