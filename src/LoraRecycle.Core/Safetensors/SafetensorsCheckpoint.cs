using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Safetensors;

/// <summary>A model's weights as Hugging Face directories hold them: one file, or several under an index. Read alike.</summary>
public sealed class SafetensorsCheckpoint : IDisposable
{
    private const string FileName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";

    private readonly IReadOnlyList<SafetensorsFile> _files;
    private readonly IReadOnlyDictionary<string, SafetensorsFile> _fileOf;

    private SafetensorsCheckpoint(IReadOnlyList<SafetensorsFile> files, IReadOnlyDictionary<string, SafetensorsFile> fileOf)
    {
        _files = files;
        _fileOf = fileOf;
        Entries = WrappedNames.Unwrapped(fileOf.Select(pair => pair.Value.Entries[pair.Key]), files[0].Path);
    }

    /// <summary>The tensors of all files, by name; names of what the model was wrapped in are left out.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>The files' paths, in a fixed order: what a checksum of the checkpoint goes over.</summary>
    public IReadOnlyList<string> Paths => [.. _files.Select(file => file.Path)];

    /// <summary>Opens a directory with <c>model.safetensors</c> or <c>model.safetensors.index.json</c>, or a single file.</summary>
    /// <exception cref="SafetensorsException">There is neither, or a file breaks a rule of the format.</exception>
    public static SafetensorsCheckpoint Open(string path)
    {
        if (!Directory.Exists(path))
            return OpenFile(path);
        var file = Path.Combine(path, FileName);
        if (File.Exists(file))
            return OpenFile(file);
        var index = Path.Combine(path, IndexName);
        return File.Exists(index)
            ? OpenShards(path, index)
            : throw new SafetensorsException(
                $"{Quote(path)} holds neither {FileName} nor {IndexName}; weights in another format must be converted to safetensors first."
            );
    }

    /// <summary>Reads one tensor into CPU memory of its own.</summary>
    /// <param name="name">A key of <see cref="Entries"/>.</param>
    /// <param name="dtype">The element type wanted; without it, the file's.</param>
    /// <inheritdoc cref="SafetensorsFile.Read"/>
    public torch.Tensor Read(string name, torch.ScalarType? dtype = null) =>
        Entries.TryGetValue(name, out var entry)
            ? _fileOf[entry.Name].Read(entry.Name, dtype)
            : throw new SafetensorsException(
                $"{Quote(_files[0].Path)} and the files beside it have no tensor {Quote(name)}; they hold {Entries.Count}."
            );

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    private static SafetensorsCheckpoint OpenFile(string path)
    {
        var file = SafetensorsFile.Open(path);
        try
        {
            return new([file], file.Entries.Keys.ToDictionary(name => name, _ => file, StringComparer.Ordinal));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static SafetensorsCheckpoint OpenShards(string directory, string index)
    {
        var shardOf = SafetensorsIndex.Read(index);
        if (shardOf.Count == 0)
            throw new SafetensorsException($"the index {Quote(index)} lists no tensors.");
        var listed = shardOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        var missing = listed.Where(shard => !File.Exists(Path.Combine(directory, shard))).ToArray();
        if (missing.Length > 0)
            throw new SafetensorsException(
                $"of the {listed.Length} files that the index {Quote(index)} lists, {missing.Length} are not beside it: "
                    + $"{string.Join(", ", missing.Take(4).Select(Quote))}{(missing.Length > 4 ? ", ..." : "")}. "
                    + "The download is not complete; get them from where the model was published."
            );

        var shards = new SortedDictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        try
        {
            foreach (var shard in listed)
                shards[shard] = SafetensorsFile.Open(Path.Combine(directory, shard));
            foreach (var (name, shard) in shardOf)
                if (!shards[shard].Entries.ContainsKey(name))
                    throw new SafetensorsException(
                        $"the index {Quote(index)} says that tensor {Quote(name)} is in {Quote(shard)}, but it is not."
                    );
            return new([.. shards.Values], shardOf.ToDictionary(pair => pair.Key, pair => shards[pair.Value], StringComparer.Ordinal));
        }
        catch
        {
            foreach (var shard in shards.Values)
                shard.Dispose();
            throw;
        }
    }
}
