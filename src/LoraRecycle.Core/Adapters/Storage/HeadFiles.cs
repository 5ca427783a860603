using System.Text.Json;
using LoraRecycle.Core.Safetensors;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Storage;

/// <summary>
/// The classification head beside a PEFT adapter, for models that had no place for one: <c>head.safetensors</c> with
/// <c>weight</c> [classes, embedding] and, where there is one, <c>bias</c> [classes]; and <c>classes.json</c>, a list of
/// the classes' names in the head's order, be it that one or one in the adapter's own file.
/// </summary>
internal static class HeadFiles
{
    private const long MaxNamesLength = 1_000_000;

    /// <summary>Gives an adapter the head that is beside its files, if any, and its classes' names.</summary>
    /// <exception cref="AdapterException">The head or the names are damaged, or do not fit each other.</exception>
    /// <exception cref="SafetensorsException">The head's file is damaged.</exception>
    internal static void ReadInto(Adapter adapter, AdapterFiles files)
    {
        var path = files.Beside(ClassificationHead.FileName);
        if (path is not null && adapter.Head is not null)
            throw new AdapterException($"{Quote(path)} is a second head; {Quote(files.Path)} already has one.");
        using var scope = torch.NewDisposeScope();
        if (path is not null)
        {
            var (weight, bias) = Read(path);
            adapter.Attach(new ClassificationHead(weight.to(files.Device), bias?.to(files.Device)), []);
        }
        if (files.Beside(ClassificationHead.NamesFileName) is { } names)
            adapter.Attach(
                adapter.Head
                    ?? throw new AdapterException(
                        $"{Quote(names)} names the classes of a head, but there is no head: neither {ClassificationHead.FileName} next "
                            + "to it nor one in the adapter."
                    ),
                ReadNames(names, adapter.Head.Classes)
            );
    }

    /// <summary>Writes a head and its classes' names into a directory.</summary>
    internal static void Write(string directory, ClassificationHead head, IReadOnlyList<string> classNames, torch.ScalarType dtype)
    {
        using var scope = torch.NewDisposeScope();
        var tensors = new List<(string, torch.Tensor)> { ("weight", head.Weight.detach().to(dtype)) };
        if (head.Bias is { } bias)
            tensors.Add(("bias", bias.detach().to(dtype)));
        SafetensorsWriter.Write(Path.Combine(directory, ClassificationHead.FileName), tensors);
        if (classNames.Count > 0)
            File.WriteAllBytes(
                Path.Combine(directory, ClassificationHead.NamesFileName),
                JsonSerializer.SerializeToUtf8Bytes([.. classNames], AdapterJson.Default.StringArray)
            );
    }

    private static (torch.Tensor Weight, torch.Tensor? Bias) Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        var entries = WrappedNames.Unwrapped(file.Entries.Values, path);
        if (!entries.TryGetValue("weight", out var weight) || weight.Shape is not [> 0 and var classes, > 0]
            || entries.Keys.FirstOrDefault(name => name is not ("weight" or "bias")) is not null
            || (entries.TryGetValue("bias", out var bias) && !bias.Shape.SequenceEqual([classes])))
            throw new AdapterException(
                $"{Quote(path)} is not a head: expected weight [classes, embedding] and optionally bias [classes]; got "
                + $"{string.Join(", ", file.Entries.Values.Take(4).Select(entry => $"{Quote(entry.Name)} {entry.ShapeText}"))}.");
        return (Finite(file, path, weight), bias is null ? null : Finite(file, path, bias));
    }

    private static torch.Tensor Finite(SafetensorsFile file, string path, SafetensorsEntry entry)
    {
        var name = entry.Name;
        if (!entry.IsOfWeights)
            throw new AdapterException(
                $"tensor {Quote(name)} of {Quote(path)} has type {entry.DType}; expected F32, F16, BF16 or F64. A head that was quantised "
                    + "must be saved as it was trained."
            );
        var tensor = file.Read(name, torch.float32);
        return tensor.isfinite().all().item<bool>()
            ? tensor
            : throw new AdapterException($"tensor {Quote(name)} of {Quote(path)} has values that are NaN or infinite.");
    }

    private static string[] ReadNames(string path, long classes)
    {
        try
        {
            if (new FileInfo(path).Length > MaxNamesLength)
                throw new AdapterException($"{Quote(path)} has more than {MaxNamesLength} bytes.");
            // From a stream, because that passes over a byte order mark.
            using var stream = File.OpenRead(path);
            var names = JsonSerializer.Deserialize(stream, AdapterJson.Default.StringArray);
            return names is not null && names.Length == classes && !names.Contains(null)
                ? names
                : throw new AdapterException($"{Quote(path)} must name the {classes} classes of the head; it names {names?.Length ?? 0}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new AdapterException($"{Quote(path)} cannot be read: {exception.Message}", exception);
        }
    }
}
