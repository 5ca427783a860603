using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Serving.Configuration;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>
/// Reads the folder of an adapter, LoRA or meta-LoRA, and checks all of it against the model that serves: every tensor has its
/// place, its shape and finite values. In host memory, and only to look: what serves is merged by the model's own thread.
/// </summary>
internal sealed class AdapterReader(ModelsOptions options)
{
    /// <summary>The name of the model that serves.</summary>
    public string Model => HubCache.NameOf(options.FindModel()!);

    /// <param name="folder">The adapter's.</param>
    /// <param name="shown">What a client knows the folder as.</param>
    /// <param name="describe">Gets the adapter and the files of the model, which are both closed afterwards; refuses what it finds wrong
    /// with an <see cref="AdapterException"/>.</param>
    /// <exception cref="UnusableAdapterException">The adapter cannot be read, or cannot be used with the model.</exception>
    /// <exception cref="ModelException">The model itself cannot be used.</exception>
    public T Read<T>(string folder, string shown, Func<Adapter, ModelDirectory, T> describe)
    {
        TorchLibrary.Load(); // a request may come before the model, and this is then the first use of torch
        using var model = ModelDirectory.Open(options.FindModel()!);
        try
        {
            using var adapter = AdapterCatalog.Default.Load(folder, model.AdaptableLayers);
            return describe(adapter, model);
        }
        catch (Exception cause) when (cause is AdapterException or IOException or UnauthorizedAccessException)
        {
            // A client learns what is wrong with the files, not where this server keeps them.
            var reason = cause.Message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal)
                .Replace(folder, shown, StringComparison.Ordinal);
            var madeFor = BaseModel(folder);
            throw new UnusableAdapterException(reason, madeFor == Model ? null : madeFor, cause);
        }
    }

    private static string? BaseModel(string folder)
    {
        try
        {
            return AdapterConfig.Read(Path.Combine(folder, AdapterConfig.FileName)).BaseModelName;
        }
        catch (AdapterException)
        {
            return null;
        }
    }
}

/// <summary>An adapter cannot be used with the model that serves.</summary>
/// <param name="reason">In words that are fit for a client.</param>
/// <param name="otherModel">The model that its settings say it was made for; null where they name the one that serves, or none.
/// </param>
/// <param name="cause">An <see cref="AdapterException"/> where the files are at fault, and not the disk.</param>
internal sealed class UnusableAdapterException(string reason, string? otherModel, Exception cause) : Exception(reason, cause)
{
    public string? OtherModel { get; } = otherModel;
}
