using LoraRecycle.Client.Http;

namespace LoraRecycle.Client;

/// <summary>The bytes of a file to send: a path, an array or a stream, each of which converts to this by itself. Files and streams are read
/// while they are sent, and not into memory.</summary>
public sealed class FileSource
{
    private readonly string? _path;
    private readonly Func<Stream> _open;
    private readonly Func<long?> _length;

    private FileSource(string? path, Func<Stream> open, Func<long?> length, bool canRepeat = true) =>
        (_path, _open, _length, CanRepeat) = (path, open, length, canRepeat);

    /// <summary>Whether it can be sent again.</summary>
    internal bool CanRepeat { get; }

    /// <summary>The file at a path.</summary>
    /// <param name="path">Where it is.</param>
    public static FileSource FromPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new FileSource(path, () => File.OpenRead(path), () => new FileInfo(path).Length);
    }

    /// <summary>Bytes in memory.</summary>
    /// <param name="bytes">A whole file, such as an encoded image.</param>
    public static FileSource FromBytes(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return new FileSource(null, () => new MemoryStream(bytes, writable: false), () => bytes.Length);
    }

    /// <summary>What a stream has from its present position to its end. It stays open.</summary>
    /// <param name="stream">A stream that can be read. A request with one that cannot seek is not sent again when the service is busy.
    /// </param>
    public static FileSource FromStream(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanSeek)
            return new FileSource(null, () => stream, () => null, canRepeat: false);
        var start = stream.Position;
        return new FileSource(null, () =>
        {
            stream.Position = start;
            return stream;
        }, () => stream.Length - start);
    }

    /// <inheritdoc cref="FromPath"/>
    public static implicit operator FileSource(string path) => FromPath(path);

    /// <inheritdoc cref="FromBytes"/>
    public static implicit operator FileSource(byte[] bytes) => FromBytes(bytes);

    /// <inheritdoc cref="FromStream"/>
    public static implicit operator FileSource(Stream stream) => FromStream(stream);

    /// <exception cref="FileNotFoundException">There is no file at the path: said here, since a failure while sending looks like one of the
    /// connection.</exception>
    internal FileContent ToContent() =>
        _path is null || File.Exists(_path)
            ? new FileContent(_open, closes: _path is not null, _length())
            : throw new FileNotFoundException($"Expected a file to send; there is none at '{_path}'.", _path);
}
