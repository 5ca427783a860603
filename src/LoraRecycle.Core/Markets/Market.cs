using System.Text.Json;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Foundation.Files;
using TorchSharp;

namespace LoraRecycle.Core.Markets;

/// <summary>
/// A folder of pre-tuned LoRAs: a PEFT directory each, with its head, class names and <c>run.json</c>, and
/// <c>market.json</c>, which lists them. Every file in it is replaced whole, so a kill at any moment loses no LoRA that was
/// finished.
/// </summary>
public sealed class Market
{
    public const string FileName = "market.json";

    private readonly List<LoraRecord> _loras;

    private Market(string path, IEnumerable<LoraRecord> loras)
    {
        Directory = path;
        _loras = [.. loras];
    }

    public string Directory { get; }

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<LoraRecord> Loras => _loras;

    /// <summary>Opens a market that holds something.</summary>
    /// <exception cref="MarketException">There is none, it is damaged, or it is empty.</exception>
    public static Market Open(string path)
    {
        if (!File.Exists(Path.Combine(path, FileName)))
            throw new MarketException(
                $"No market at '{path}': expected a folder of LoRAs with {FileName}. Build one with ./run market build."
            );
        var market = Read(path);
        return market.Loras.Count > 0
            ? market
            : throw new MarketException($"The market at '{path}' is empty. Build LoRAs into it with ./run market build.");
    }

    /// <summary>Opens a market to add to; one that is not there yet is empty.</summary>
    /// <exception cref="MarketException">It is damaged, or a file.</exception>
    public static Market OpenOrCreate(string path)
    {
        if (File.Exists(path)) throw new MarketException($"'{path}' is a file; expected a folder for a market.");
        Leftovers.Sweep(path);
        if (File.Exists(Path.Combine(path, FileName)))
            return Read(path);
        System.IO.Directory.CreateDirectory(path);
        return new Market(path, []);
    }

    /// <summary>Where a LoRA is, or is to be.</summary>
    /// <exception cref="MarketException">The name is no plain folder name.</exception>
    public string PathOf(string name) => Path.Combine(Directory, Checked(name));

    public LoraRecord? Find(string name) => _loras.FirstOrDefault(lora => lora.Name == name);

    /// <summary>Loads a LoRA with its head; the caller owns it.</summary>
    /// <exception cref="AdapterException">It is damaged or for another model.</exception>
    /// <exception cref="MarketException">Its head's classes are not those of the record.</exception>
    public Adapter Load(LoraRecord lora, IReadOnlyList<AdaptableLayer> layers, torch.Device? device = null)
    {
        var adapter = AdapterCatalog.Default.Load(PathOf(lora.Name), layers, device);
        if (adapter.ClassNames.SequenceEqual(lora.Classes, StringComparer.Ordinal))
            return adapter;
        var found = string.Join(", ", adapter.ClassNames);
        adapter.Dispose();
        throw new MarketException(
            $"LoRA '{lora.Name}' of '{Directory}' has a head for '{found}'; {FileName} says '{string.Join(", ", lora.Classes)}'."
        );
    }

    /// <summary>Lists a LoRA whose directory is in the market; one of the same name is replaced.</summary>
    /// <exception cref="MarketException">There is no such directory.</exception>
    public void Add(LoraRecord lora)
    {
        if (!System.IO.Directory.Exists(PathOf(lora.Name)))
            throw new MarketException($"Expected LoRA '{lora.Name}' in a folder of that name in '{Directory}'; found none.");
        _loras.RemoveAll(other => other.Name == lora.Name);
        _loras.Add(lora);
        _loras.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        Save();
    }

    /// <summary>The record beside a LoRA that was finished but, for a kill in between, never listed; null where there is none.</summary>
    internal LoraRecord? Unlisted(string name)
    {
        var path = Path.Combine(PathOf(name), RunFile.Name);
        return File.Exists(path) ? Parse(path, stream => JsonSerializer.Deserialize(stream, MarketJson.Default.LoraRecord)) : null;
    }

    private static Market Read(string path)
    {
        var file = Path.Combine(path, FileName);
        var loras = Parse(file, stream => JsonSerializer.Deserialize(stream, MarketJson.Default.MarketFile)).Loras;
        foreach (var lora in loras)
            Checked(lora?.Name ?? throw new MarketException($"'{file}' is damaged: it lists null."));
        if (loras.GroupBy(lora => lora.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new MarketException($"'{file}' lists '{twice.Key}' twice.");
        return new Market(path, loras);
    }

    private static T Parse<T>(string path, Func<Stream, T?> parse) where T : class
    {
        try
        {
            using var stream = File.OpenRead(path);
            return parse(stream) ?? throw new JsonException("it holds null");
        }
        catch (JsonException wrong)
        {
            throw new MarketException($"'{path}' is damaged: {wrong.Message}", wrong);
        }
    }

    private static string Checked(string name) =>
        name.Length is > 0 and <= 200 && !name.StartsWith('.') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? name
            : throw new MarketException(
                $"'{name}' is not a valid LoRA name: expected letters, digits, '-', '_' and '.', not starting with '.'."
            );

    private void Save() =>
        WholeFile.Write(
            Path.Combine(Directory, FileName),
            stream => JsonSerializer.Serialize(stream, new MarketFile(_loras), MarketJson.Default.MarketFile)
        );
}
