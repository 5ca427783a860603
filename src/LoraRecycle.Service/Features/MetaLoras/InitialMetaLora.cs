using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>Which meta-LoRA the settings make active at the start.</summary>
/// <param name="Adapter">The one; the bare model while <paramref name="Error"/> says why it cannot be.</param>
/// <param name="Error">What is wrong with the settings, or null.</param>
/// <param name="PassedOver">The default that is there and was made for another model, or null.</param>
internal sealed record InitialMetaLora(ServedAdapter Adapter, string? Error = null, MetaLora? PassedOver = null)
{
    private const string Advice = "Models:MetaLora=none serves the bare model.";

    public static InitialMetaLora Of(ModelsOptions options, MetaLoraStore store)
    {
        if (Missing(options, store) is { } missing)
            return new InitialMetaLora(ServedAdapter.None, missing);
        var isNamed = !string.IsNullOrEmpty(options.MetaLora);
        var id = isNamed ? options.MetaLora! : MetaLoraNames.Default;
        if (id == MetaLoraNames.None)
            return new InitialMetaLora(ServedAdapter.None);
        MetaLora? found;
        try
        {
            found = store.Find(id);
        }
        catch (Exception exception) when (exception is ModelException or SafetensorsException)
        {
            return new InitialMetaLora(ServedAdapter.None); // the model itself is damaged, which is said when it is loaded
        }
        return found switch
        {
            null => new InitialMetaLora(ServedAdapter.None),
            { IsForAnotherModel: true } other when !isNamed => new InitialMetaLora(ServedAdapter.None, PassedOver: other),
            { Facts: { } facts } => new InitialMetaLora(facts.Adapter),
            { Problem: var problem } => new InitialMetaLora(
                ServedAdapter.None,
                $"Models:MetaLora: The meta-LoRA in {store.Folder} cannot be used: {problem} {Advice} Found '{id}'."
            ),
        };
    }

    /// <summary>What the settings name and is not there; null where all of it is. No file is looked into.</summary>
    public static string? Missing(ModelsOptions options, MetaLoraStore store)
    {
        if (!string.IsNullOrEmpty(options.MetaLoras) && store.Folder is null)
            return $"Models:MetaLoras: No such folder in {Environment.CurrentDirectory}, or above {AppContext.BaseDirectory}. Found "
                + $"'{options.MetaLoras}'.";
        return
            string.IsNullOrEmpty(options.MetaLora)
            || options.MetaLora == MetaLoraNames.None
            || store.Ids.Contains(options.MetaLora, StringComparer.Ordinal)
            ? null
            : $"Models:MetaLora: No such meta-LoRA in {store.Folder ?? "the models' folder, which has no meta-loras"}; available: "
                + $"{Known(store)}. {Advice} Found '{options.MetaLora}'.";
    }

    private static string Known(MetaLoraStore store) => store.Ids is [_, ..] ids ? string.Join(", ", ids) : "none";
}

/// <summary>A meta-LoRA that the settings name must be there before the server starts; whether it can be used is seen when the model is
/// loaded.</summary>
internal sealed class InitialMetaLoraIsThere(IOptions<StorageOptions> storage) : IValidateOptions<ModelsOptions>
{
    // Without a model there is nothing to merge it into, and that error is reported by itself.
    public ValidateOptionsResult Validate(string? name, ModelsOptions options) =>
        options.FindModel() is { } model
        && File.Exists(Path.Combine(model, "config.json"))
        && InitialMetaLora.Missing(options, MetaLoraStore.Of(options, storage.Value)) is { } missing
            ? ValidateOptionsResult.Fail(missing)
            : ValidateOptionsResult.Success;
}
