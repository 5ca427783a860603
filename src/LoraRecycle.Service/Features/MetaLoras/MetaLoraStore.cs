using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>
/// The meta-LoRAs in the shipped folder, and those that jobs made. A folder that comes, changes or goes while the server runs is noticed
/// when it is next asked for; one that cannot be used is listed with the reason, and is in nobody's way.
/// </summary>
/// <param name="folder">The shipped folder; null for none.</param>
/// <param name="made">The folder of those that jobs made, which need not be there. Of one id, the shipped one counts.</param>
/// <param name="reader">Looks into one of the folders.</param>
internal sealed class MetaLoraStore(string? folder, string made, AdapterReader reader)
{
    private const string MadeName = "meta-loras";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (string Stamp, MetaLora MetaLora)> _known = new(StringComparer.Ordinal);

    public static MetaLoraStore Of(ModelsOptions options, StorageOptions storage) =>
        new(options.FindMetaLoras(), Path.Combine(storage.FullPath, MadeName), new AdapterReader(options));

    /// <summary>Where jobs put theirs.</summary>
    public string Made => made;

    /// <summary>Where the shipped ones are; null when there is no such folder.</summary>
    public string? Folder => folder;

    /// <summary>The ids in ordinal order, of those that cannot be used, too.</summary>
    public IReadOnlyList<string> Ids => [.. Folders().Select(found => found.Name)];

    /// <summary>All of them, by id.</summary>
    public IReadOnlyList<MetaLora> All() => [.. Folders().Select(Read).OfType<MetaLora>()];

    /// <summary>The one with an id; null when there is none. The id is only compared with names, and never used as a path.</summary>
    public MetaLora? Find(string id) => Folders().FirstOrDefault(found => found.Name == id) is { } one ? Read(one) : null;

    /// <returns>The folder of one that a job made; null for a shipped one.</returns>
    public string? MadeFolder(string id) =>
        Folders().FirstOrDefault(found => found.Name == id && !IsShipped(found))?.FullName;

    private bool IsShipped(DirectoryInfo found) => found.Parent?.FullName != made;

    private IEnumerable<DirectoryInfo> Folders() => new[] { folder, made }.OfType<string>().Where(Directory.Exists)
        .SelectMany(root => new DirectoryInfo(root).EnumerateDirectories()).Where(found => MetaLoraNames.IsId(found.Name))
        .DistinctBy(found => found.Name).OrderBy(found => found.Name, StringComparer.Ordinal);

    private MetaLora? Read(DirectoryInfo found)
    {
        try
        {
            // One reader at a time: a folder that many requests ask for at once is looked into once.
            lock (_lock)
            {
                var stamp = Stamp(found);
                if (_known.TryGetValue(found.Name, out var known) && known.Stamp == stamp)
                    return known.MetaLora;
                var metaLora = Look(found);
                _known[found.Name] = (stamp, metaLora);
                return metaLora;
            }
        }
        catch (DirectoryNotFoundException)
        {
            return null; // it went between being found and being read
        }
    }

    private MetaLora Look(DirectoryInfo found)
    {
        var files = found.GetFiles();
        var (bytes, written) = (
            files.Sum(file => file.Length),
            files.Select(file => file.LastWriteTimeUtc).DefaultIfEmpty(found.LastWriteTimeUtc).Max()
        );
        try
        {
            var facts = reader.Read(found.FullName, shown: found.Name, (adapter, _) => new MetaLoraFacts(
                new ServedAdapter(found.Name, adapter.Revision, found.FullName),
                adapter.Family,
                adapter.Layers.Values.Max(layer => layer.NominalRank),
                adapter.Targets,
                adapter.ParameterCount,
                RunSummary.Read(found.FullName)));
            return new MetaLora(found.Name, IsShipped(found), bytes, written, facts);
        }
        catch (UnusableAdapterException unusable)
        {
            var problem = unusable.OtherModel is { } other
                ? $"The meta-LoRA was made for the model '{other}', but this server serves '{reader.Model}': {unusable.Message}"
                : unusable.Message;
            return new MetaLora(found.Name, IsShipped(found), bytes, written, Facts: null, problem, unusable.OtherModel is not null);
        }
    }

    /// <summary>What changes when any of its files does, or another folder takes the name.</summary>
    private static string Stamp(DirectoryInfo found) => string.Join(';', found.EnumerateFiles()
        .OrderBy(file => file.Name, StringComparer.Ordinal).Select(file => $"{file.Name},{file.Length},{file.LastWriteTimeUtc.Ticks}")
        .Prepend(found.FullName));
}
