using System.Text.Json;

namespace LoraRecycle.Core.DataSets;

/// <summary>
/// A split file: <c>{ "data set": { "train": ["class", ...], "val": [...], "test": [...] }, ... }</c>,
/// keyed by <see cref="ImageDataSet.Name"/>.
/// </summary>
public sealed class DataSetSplits
{
    private readonly string _path;
    private readonly Dictionary<string, Dictionary<string, string[]>> _splits;

    private DataSetSplits(string path, Dictionary<string, Dictionary<string, string[]>> splits)
    {
        _path = path;
        _splits = splits;
    }

    /// <exception cref="DataSetException">The file is missing or not of that form, or a class is in two parts.</exception>
    public static DataSetSplits Load(string path)
    {
        if (!File.Exists(path))
            throw new DataSetException($"No split file at '{path}'.");
        try
        {
            using var stream = File.OpenRead(path);
            var splits = JsonSerializer.Deserialize(stream, SplitJson.Default.Splits)
                ?? throw new JsonException("it holds null");
            foreach (var (dataSet, parts) in splits)
                CheckParts(path, dataSet, parts);
            return new DataSetSplits(path, splits);
        }
        catch (JsonException e)
        {
            throw new DataSetException(
                $"Split file '{path}' is not of the form {{\"data set\": {{\"train\": [\"class\"], \"val\": [], \"test\": "
                    + $"[]}}}}: {e.Message}",
                e
            );
        }
    }

    /// <summary>Whether the file has a split of a data set.</summary>
    public bool Knows(string dataSet) => _splits.ContainsKey(dataSet);

    /// <summary>The class names of one part of one data set.</summary>
    /// <exception cref="DataSetException">The file does not know the data set or the part.</exception>
    public IReadOnlyList<string> Classes(string dataSet, SplitPart part)
    {
        if (!_splits.TryGetValue(dataSet, out var parts))
            throw new DataSetException(
                $"Split file '{_path}' has no data set '{dataSet}'; it has: {string.Join(", ", _splits.Keys)}. The name is that of the "
                    + "data file, without the extension."
            );
        if (part == SplitPart.All)
            return [.. parts.Values.SelectMany(classes => classes)];
        var name = part.ToString().ToLowerInvariant();
        return parts.TryGetValue(name, out var found)
            ? found
            : throw new DataSetException(
                $"Split file '{_path}' has no part '{name}' of '{dataSet}'; it has: {string.Join(", ", parts.Keys)}."
            );
    }

    private static void CheckParts(string path, string dataSet, Dictionary<string, string[]> parts)
    {
        // A class in two parts would let an evaluation see what training saw.
        var twice = parts
            .Values.SelectMany(classes => classes)
            .GroupBy(name => name, StringComparer.Ordinal)
            .FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new DataSetException(
                $"Split file '{path}' lists class '{twice.Key}' of '{dataSet}' twice; each class belongs to one part."
            );
    }
}
