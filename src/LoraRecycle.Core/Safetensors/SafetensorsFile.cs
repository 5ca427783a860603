using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Safetensors;

/// <summary>
/// An open safetensors file. Opening reads and checks the header alone; a tensor's bytes are read when it is asked for,
/// straight into the memory that will hold it.
/// </summary>
/// <remarks>
/// Positioned reads, not a memory mapping. Where a file shrinks after it was mapped (an upload replaced in place, a
/// network share gone), touching the lost pages is SIGBUS, which no .NET code can catch: the process dies. A read comes
/// back short instead, and that is an exception. A mapping would save nothing either, since every tensor is copied once
/// into memory of its own in both cases. Safe to use from several threads.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    private const int PrefixLength = sizeof(ulong);

    // torch gives a tensor's memory as a span, which ends at 2 GiB; larger tensors are read piece by piece.
    private const long PieceLength = 1 << 30;

    private readonly SafeFileHandle _handle;
    private readonly long _dataStart;

    private SafetensorsFile(string path, SafeFileHandle handle, SafetensorsHeader header, long dataStart)
    {
        Path = path;
        _handle = handle;
        _dataStart = dataStart;
        Entries = header.Entries;
        Metadata = header.Metadata;
    }

    public string Path { get; }

    /// <summary>The tensors in the file, by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries { get; }

    /// <summary>The file's notes about itself; empty where it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks everything that its header claims against the file's length.</summary>
    /// <exception cref="SafetensorsException">The file cannot be opened, or breaks a rule of the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            var (header, dataStart) = ReadHeader(handle);
            return new(path, handle, header, dataStart);
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or NotSupportedException or SafetensorsException)
        {
            handle?.Dispose();
            throw new SafetensorsException($"{Quote(path)} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads one tensor into CPU memory of its own.</summary>
    /// <param name="name">A key of <see cref="Entries"/>.</param>
    /// <param name="dtype">The element type wanted; without it, the file's.</param>
    /// <returns>A new tensor of the entry's shape, which the caller owns.</returns>
    /// <exception cref="SafetensorsException">No tensor of that name, or the file was changed since it was opened.</exception>
    public torch.Tensor Read(string name, torch.ScalarType? dtype = null)
    {
        var entry = Find(name);
        var tensor = torch.empty([.. entry.Shape], dtype: TypeOf(entry), device: torch.CPU);
        try
        {
            Fill(tensor, entry);
            if (dtype is null || dtype == tensor.dtype)
                return tensor;
            var converted = tensor.to_type(dtype.Value);
            tensor.Dispose();
            return converted;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>Reads a part of a tensor's bytes.</summary>
    internal void ReadBytes(SafetensorsEntry entry, long start, Span<byte> destination)
    {
        try
        {
            ReadExactly(_handle, destination, _dataStart + entry.Offset + start);
        }
        catch (Exception exception) when (exception is IOException or SafetensorsException)
        {
            throw new SafetensorsException($"tensor {Quote(entry.Name)} of {Quote(Path)} cannot be read: {exception.Message}", exception);
        }

        // A bool that is neither 0 nor 1 is undefined behaviour in native code.
        if (entry.DType == SafetensorsDType.BOOL && destination.ContainsAnyExceptInRange((byte)0, (byte)1))
            throw new SafetensorsException($"tensor {Quote(entry.Name)} of {Quote(Path)} is BOOL but has bytes other than 0 and 1.");
    }

    private SafetensorsEntry Find(string name) =>
        Entries.TryGetValue(name, out var entry)
            ? entry
            : throw new SafetensorsException(
                $"{Quote(Path)} has no tensor {Quote(name)}; it holds {Entries.Count}"
                    + (
                        Entries.Count == 0
                            ? "."
                            : $", among them {string.Join(", ", Entries.Keys.Order(StringComparer.Ordinal).Take(3).Select(Quote))}."
                    )
            );

    private torch.ScalarType TypeOf(SafetensorsEntry entry)
    {
        try
        {
            return entry.DType.ToScalarType();
        }
        catch (SafetensorsException exception)
        {
            throw new SafetensorsException($"tensor {Quote(entry.Name)} of {Quote(Path)} cannot be read: {exception.Message}", exception);
        }
    }

    private void Fill(torch.Tensor tensor, SafetensorsEntry entry)
    {
        if (entry.Length == 0)
            return;
        if (entry.Length <= PieceLength)
        {
            ReadBytes(entry, 0, tensor.bytes);
            return;
        }

        var size = entry.DType.Size();
        using var flat = tensor.view(-1);
        for (long start = 0; start < entry.Length; start += PieceLength)
        {
            using var piece = flat.narrow(0, start / size, Math.Min(PieceLength, entry.Length - start) / size);
            ReadBytes(entry, start, piece.bytes);
        }
    }

    private static (SafetensorsHeader Header, long DataStart) ReadHeader(SafeFileHandle handle)
    {
        var fileLength = RandomAccess.GetLength(handle);
        if (fileLength < PrefixLength)
            throw new SafetensorsException($"it has {fileLength} bytes, too few for a safetensors file.");

        Span<byte> prefix = stackalloc byte[PrefixLength];
        ReadExactly(handle, prefix, 0);
        RefuseMistaken(handle, fileLength);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > SafetensorsHeader.FormatLength)
            throw new SafetensorsException(
                $"it announces a header of {headerLength} bytes; the format allows {SafetensorsHeader.FormatLength}."
            );
        if (headerLength > (ulong)(fileLength - PrefixLength))
            throw new SafetensorsException(
                $"it announces a header of {headerLength} bytes, but has only {fileLength - PrefixLength} after the length."
            );
        if (headerLength > SafetensorsHeader.MaxLength)
            throw new SafetensorsException(
                $"it has a header of {headerLength} bytes; at most {SafetensorsHeader.MaxLength} are read. Split the file into several."
            );

        var json = new byte[headerLength];
        ReadExactly(handle, json, PrefixLength);
        var dataStart = PrefixLength + (long)headerLength;
        return (SafetensorsHeader.Parse(json, fileLength - dataStart), dataStart);
    }

    private static void RefuseMistaken(SafeFileHandle handle, long fileLength)
    {
        Span<byte> start = stackalloc byte[(int)Math.Min(fileLength, MistakenFile.StartLength)];
        ReadExactly(handle, start, 0);
        if (MistakenFile.Found(start) is { } found)
            throw new SafetensorsException(found);
    }

    private static void ReadExactly(SafeFileHandle handle, Span<byte> destination, long offset)
    {
        while (!destination.IsEmpty)
        {
            var read = RandomAccess.Read(handle, destination, offset);
            if (read == 0)
                throw new SafetensorsException($"it ends at byte {offset}; the file became shorter while it was open.");
            destination = destination[read..];
            offset += read;
        }
    }
}
