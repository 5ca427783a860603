using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>The LoRAs of a folder: those that <c>market.json</c> lists, or without one every PEFT directory in it.</summary>
internal sealed class MarketFolder
{
    private readonly string _path;
    private readonly Market? _market;
    private readonly string[] _names;

    /// <exception cref="MarketException">There is no LoRA in it, or the market is damaged.</exception>
    public MarketFolder(string path)
    {
        _path = path;
        if (File.Exists(Path.Combine(path, Market.FileName)))
        {
            _market = Market.Open(path);
            _names = [.. _market.Loras.Select(lora => lora.Name)];
            return;
        }
        if (!Directory.Exists(path))
            throw new MarketException($"No market at '{path}': expected a folder of LoRAs.");
        _names =
        [
            .. Directory
                .EnumerateDirectories(path)
                .Where(lora => File.Exists(Path.Combine(lora, AdapterConfig.FileName)))
                .Select(lora => Path.GetFileName(lora))
                .Order(StringComparer.Ordinal),
        ];
        if (_names.Length == 0)
            throw new MarketException(
                $"The market at '{path}' is empty: it has neither {Market.FileName} nor a LoRA's directory. Build LoRAs into it with "
                    + "./run market build."
            );
    }

    /// <summary>Reads LoRAs into host memory, one after another.</summary>
    /// <param name="chosen">Their names; none for all.</param>
    /// <param name="model">The model that they are for.</param>
    /// <param name="modelId">Its name.</param>
    /// <returns>In the folder's order; the caller owns the adapters.</returns>
    /// <exception cref="MarketException">There is no LoRA of a name, or one is not what the market lists.</exception>
    /// <exception cref="AdapterException">A LoRA is damaged or for another model.</exception>
    public IEnumerable<InversionSource> Read(IReadOnlyList<string> chosen, VisionTransformer model, string modelId)
    {
        if (chosen.FirstOrDefault(name => !_names.Contains(name)) is { } unknown)
            throw new MarketException($"No LoRA '{unknown}' in '{_path}'; it has {AdapterException.Shown(_names)}.");
        return _names.Where(name => chosen.Count == 0 || chosen.Contains(name)).Select(name => ReadOne(name, model, modelId));
    }

    private InversionSource ReadOne(string name, VisionTransformer model, string modelId)
    {
        var path = Path.Combine(_path, name);
        if (_market?.Find(name) is not { } record)
            return Named(() => InversionSource.Read(path, model.AdaptableLayers), name);
        if (record.Model != modelId)
            throw new MarketException(
                $"LoRA '{name}' was tuned on {record.Model}, but this model is {modelId}. Choose the model with --model."
            );
        return Named(() => new InversionSource(name, _market.Load(record, model.AdaptableLayers), record.Classes) { Path = path }, name);
    }

    /// <summary>Says which of many LoRAs it is that cannot be read.</summary>
    private static InversionSource Named(Func<InversionSource> read, string name)
    {
        try
        {
            return read();
        }
        catch (AdapterException wrong)
        {
            throw new AdapterException($"LoRA '{name}': {wrong.Message}", wrong);
        }
    }
}
