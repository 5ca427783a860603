using System.Security.Cryptography;
using LoraRecycle.Core.Safetensors;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Storage;

/// <summary>
/// What an adapter is stored as: a directory as PEFT writes it (<c>adapter_config.json</c> and
/// <c>adapter_model.safetensors</c>), or a single safetensors file. Families take tensors out of it one by one; what is
/// left over shows that the adapter was not understood.
/// </summary>
public sealed class AdapterFiles : IDisposable
{
    /// <summary>What PEFT calls the file with the tensors.</summary>
    public const string TensorsName = "adapter_model.safetensors";

    /// <summary>What a PEFT directory has, in the order in which the revision takes them in; of the head's two it may have none.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [AdapterConfig.FileName, TensorsName, ClassificationHead.FileName, ClassificationHead.NamesFileName];

    private readonly SafetensorsFile _file;
    private readonly string? _configPath;
    private readonly torch.Device _device;
    private readonly List<string> _passedOver = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    private AdapterFiles(SafetensorsFile file, string? configPath, torch.Device device)
    {
        _file = file;
        _configPath = configPath;
        _device = device;
        Tensors = WrappedNames.Unwrapped(file.Entries.Values, file.Path);
        Config = configPath is null ? null : AdapterConfig.Read(configPath);
    }

    /// <summary>The safetensors file.</summary>
    public string Path => _file.Path;

    /// <summary>The settings; null for a single file.</summary>
    public AdapterConfig? Config { get; }

    /// <summary>The tensors by their names, without those of what the model was wrapped in while it was trained.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Tensors { get; }

    /// <summary>Notes in the safetensors file.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _file.Metadata;

    /// <summary>The tensors that no one has taken yet.</summary>
    public IEnumerable<string> Remaining => Tensors.Keys.Where(name => !_taken.Contains(name)).Order(StringComparer.Ordinal);

    /// <summary>Whether someone has taken a tensor.</summary>
    internal bool IsTaken(string name) => _taken.Contains(name);

    /// <summary>Opens what may be adapters at a path: the file, PEFT's two files, or else every safetensors file in the
    /// directory.</summary>
    /// <param name="path">A file or a directory.</param>
    /// <param name="device">Where the tensors that are taken shall be.</param>
    /// <exception cref="AdapterException">Nothing is there, or it cannot be read.</exception>
    internal static IReadOnlyList<AdapterFiles> Open(string path, torch.Device device)
    {
        var found = new List<AdapterFiles>();
        try
        {
            foreach (var (tensors, config) in Locate(path))
                found.Add(OpenOne(tensors, config, device));
            return found;
        }
        catch (Exception exception)
            when (exception is SafetensorsException or AdapterException or IOException or UnauthorizedAccessException)
        {
            foreach (var files in found)
                files.Dispose();
            throw exception is AdapterException ? exception : new AdapterException(exception.Message, exception);
        }
    }

    /// <summary>Reads a tensor as float32 after checking its type and shape, and crosses it off.</summary>
    /// <param name="name">A key of <see cref="Tensors"/>.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <returns>A new tensor on the device that was asked for, which the caller owns.</returns>
    /// <exception cref="AdapterException">It is missing, not of floating point, of another shape, or has NaN or infinite
    /// values.</exception>
    public torch.Tensor Take(string name, params ReadOnlySpan<long> shape)
    {
        RequireShape(name, shape);
        using var scope = torch.NewDisposeScope();
        return Finite(name).to(_device).MoveToOuterDisposeScope();
    }

    /// <summary>Crosses off a tensor that has no part in what is computed, after checking its type and values.</summary>
    /// <exception cref="AdapterException">It is not of floating point, or has NaN or infinite values.</exception>
    internal void PassOver(string name)
    {
        using var scope = torch.NewDisposeScope();
        _ = Finite(name);
        _passedOver.Add(Tensors[name].Name);
    }

    /// <summary>The tensors that were crossed off though they have no part in what is computed.</summary>
    internal IReadOnlyList<string> PassedOver => _passedOver;

    /// <summary>Reads whole numbers, such as places in a table, as int64 after checking type, shape and range, and crosses them
    /// off.</summary>
    /// <param name="name">A key of <see cref="Tensors"/>.</param>
    /// <param name="count">Each must be from 0 to less than this.</param>
    /// <param name="shape">The shape that it must have.</param>
    /// <exception cref="AdapterException">It is missing, not of whole numbers, of another shape, or has one out of range.</exception>
    public torch.Tensor TakeIndices(string name, long count, params ReadOnlySpan<long> shape)
    {
        RequireShape(name, shape);
        if (Tensors[name].DType is not (SafetensorsDType.U8 or SafetensorsDType.I16 or SafetensorsDType.I32 or SafetensorsDType.I64))
            throw new AdapterException(
                $"tensor {Quote(name)} of {Quote(Path)} has type {Tensors[name].DType}; expected whole numbers: U8, I16, I32 or I64."
            );

        using var scope = torch.NewDisposeScope();
        var tensor = _file.Read(Tensors[name].Name, torch.int64);
        if (tensor.lt(0).any().item<bool>() || tensor.ge(count).any().item<bool>())
            throw new AdapterException($"tensor {Quote(name)} of {Quote(Path)} has a number that is not from 0 to {count - 1}.");
        _taken.Add(name);
        return tensor.to(_device).MoveToOuterDisposeScope();
    }

    /// <summary>Where the tensors that are taken are.</summary>
    internal torch.Device Device => _device;

    /// <summary>The path of another file in a PEFT directory, or null where it is not there, or where there is no such directory.</summary>
    internal string? Beside(string name)
    {
        if (_configPath is null)
            return null;
        var path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(_configPath)!, name);
        return File.Exists(path) ? path : null;
    }

    /// <inheritdoc cref="AdapterRevision.FromFiles"/>
    internal string Revision() =>
        AdapterRevision.FromFiles(
            new[] { _configPath, Path, Beside(ClassificationHead.FileName), Beside(ClassificationHead.NamesFileName) }
                .OfType<string>()
                .Select(path =>
                {
                    using var stream = File.OpenRead(path);
                    return SHA256.HashData(stream);
                })
        );

    public void Dispose() => _file.Dispose();

    private torch.Tensor Finite(string name)
    {
        var entry = Tensors[name];
        if (!entry.IsOfWeights)
            throw new AdapterException(
                $"tensor {Quote(entry.Name)} of {Quote(Path)} has type {entry.DType}; expected F32, F16, BF16 or F64."
            );
        var tensor = _file.Read(entry.Name, torch.float32);
        if (!tensor.isfinite().all().item<bool>())
            throw new AdapterException($"tensor {Quote(entry.Name)} of {Quote(Path)} has values that are NaN or infinite.");
        _taken.Add(name);
        return tensor;
    }

    private void RequireShape(string name, ReadOnlySpan<long> shape)
    {
        if (!Tensors.TryGetValue(name, out var entry))
            throw new AdapterException($"{Quote(Path)} lacks tensor {Quote(name)}.");
        if (!entry.Shape.SequenceEqual(shape.ToArray()))
            throw new AdapterException(
                $"tensor {Quote(name)} of {Quote(Path)} has shape {entry.ShapeText}; expected [{string.Join(", ", shape.ToArray())}].");
    }

    private static IEnumerable<(string Tensors, string? Config)> Locate(string path)
    {
        if (File.Exists(path) && System.IO.Path.GetFileName(path) != TensorsName)
            return [(path, null)];

        // One of PEFT's files stands for both.
        var directory = File.Exists(path) ? System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))! : path;
        if (!Directory.Exists(directory))
            throw new AdapterException($"no adapter at {Quote(path)}.");

        var config = System.IO.Path.Combine(directory, AdapterConfig.FileName);
        var tensors = System.IO.Path.Combine(directory, TensorsName);
        return (File.Exists(config), File.Exists(tensors)) switch
        {
            (true, true) => [(tensors, config)],
            (true, false) => throw new AdapterException(
                $"{Quote(directory)} has {AdapterConfig.FileName} but no {TensorsName}{OtherWeights(directory)}; weights in another format "
                    + "must be saved as safetensors."
            ),
            (false, true) => throw new AdapterException($"{Quote(directory)} has {TensorsName} but no {AdapterConfig.FileName}."),
            _ => Directory.EnumerateFiles(directory, "*.safetensors").Order(StringComparer.Ordinal).Select(file => (file, (string?)null)),
        };
    }

    private static string OtherWeights(string directory)
    {
        var others = Directory.EnumerateFiles(directory).Select(file => System.IO.Path.GetFileName(file))
            .Where(file => WeightSuffixes.Any(suffix => file.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)))
            .Order(StringComparer.Ordinal).ToArray();
        return others.Length == 0 ? "" : $", only {AdapterException.Shown(others)}";
    }

    private static readonly string[] WeightSuffixes = [".safetensors", ".bin", ".pt", ".pth", ".ckpt"];

    private static AdapterFiles OpenOne(string tensors, string? config, torch.Device device)
    {
        var file = SafetensorsFile.Open(tensors);
        try
        {
            return new(file, config, device);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
