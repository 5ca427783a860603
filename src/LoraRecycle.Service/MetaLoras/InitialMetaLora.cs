using LoraRecycle.Core.Models;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Serving;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.MetaLoras;

/// <summary>Which meta-LoRA the settings make active at the start.</summary>
/// <param name="Wearing">The one; the bare model while <paramref name="Error"/> says why it cannot be.</param>
/// <param name="Error">What is wrong with the settings, or null.</param>
/// <param name="PassedOver">The default that is there and was made for another model, or null.</param>
internal sealed record InitialMetaLora(Wearing Wearing, string? Error = null, MetaLora? PassedOver = null)
{
    private const string Advice = "Models:MetaLora=none serves the bare model.";

    public static InitialMetaLora Of(ModelsOptions options, MetaLoraStore store)
    {
        if (!string.IsNullOrEmpty(options.MetaLoras) && store.Folder is null)
            return Wrong($"Models:MetaLoras: No such folder in {Environment.CurrentDirectory}, or above {AppContext.BaseDirectory}. It is '{options.MetaLoras}'.");
        var isNamed = !string.IsNullOrEmpty(options.MetaLora);
        var id = isNamed ? options.MetaLora! : MetaLoraNames.Default;
        if (id == MetaLoraNames.None)
            return new InitialMetaLora(Wearing.None);
        MetaLora? found;
        try
        {
            found = store.Find(id);
        }
        catch (Exception exception) when (exception is ModelException or SafetensorsException)
        {
            return new InitialMetaLora(Wearing.None); // the model itself is damaged, which is said when it is loaded
        }
        return found switch
        {
            null when !isNamed => new InitialMetaLora(Wearing.None),
            null => Wrong($"Models:MetaLora: There is no such meta-LoRA in {store.Folder ?? "the models' folder, which has no meta-loras"}; there are {Known(store)}. {Advice} It is '{id}'."),
            { IsForAnotherModel: true } other when !isNamed => new InitialMetaLora(Wearing.None, PassedOver: other),
            { Facts: { } facts } => new InitialMetaLora(facts.Wearing),
            { Problem: var problem } => Wrong($"Models:MetaLora: The meta-LoRA in {store.Folder} cannot be used: {problem} {Advice} It is '{id}'."),
        };
    }

    private static InitialMetaLora Wrong(string error) => new(Wearing.None, error);

    private static string Known(MetaLoraStore store) => store.Ids is [_, ..] ids ? string.Join(", ", ids) : "none";
}

/// <summary>A meta-LoRA that the settings name must be there and be whole before the server starts.</summary>
internal sealed class InitialMetaLoraIsUsable(IOptions<StorageOptions> storage) : IValidateOptions<ModelsOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        // Without a model there is nothing to hold it against, and that error is reported by itself.
        if (options.FindModel() is not { } model || !File.Exists(Path.Combine(model, "config.json")))
            return ValidateOptionsResult.Skip;
        return InitialMetaLora.Of(options, MetaLoraStore.Of(options, storage.Value)).Error is { } error ? ValidateOptionsResult.Fail(error) : ValidateOptionsResult.Success;
    }
}
