using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LoraRecycle.Core.Hub.Protocol;

/// <summary>
/// The hash of a file's content as the hub has it: SHA-256 of what is in its store of large files, and of the others the SHA-1 by
/// which git calls a blob, which begins with the blob's length. It is what git is made of, and not chosen here.
/// </summary>
internal sealed class ContentHash : IDisposable
{
    private const int Sha256Digits = 64, GitDigits = 40;

    private readonly RemoteFile _file;
    private readonly IncrementalHash _hash;

    public ContentHash(RemoteFile file)
    {
        _file = file;
        _hash = IncrementalHash.CreateHash(file.Hash.Length == Sha256Digits ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        Restart();
    }

    /// <summary>Whether a text is a hash of either kind.</summary>
    public static bool IsHash(string? text) => text is { Length: Sha256Digits or GitDigits } && text.All(char.IsAsciiHexDigitLower);

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    /// <summary>Begins with the first byte again.</summary>
    public void Restart()
    {
        _ = _hash.GetHashAndReset();
        if (_file.Hash.Length == GitDigits)
            _hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {_file.Size}\0")));
    }

    /// <summary>Whether all that came is what the hub says of it.</summary>
    public bool Matches() => Convert.ToHexStringLower(_hash.GetHashAndReset()) == _file.Hash;

    public void Dispose() => _hash.Dispose();
}
