using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LoraRecycle.Service.Platform.Security;

/// <summary>What a client sends: <c>lrk_</c>, the key's id, <c>_</c>, and 256 random bits in base64url.</summary>
internal static class ApiKeyToken
{
    private const string Prefix = "lrk_";
    private const int IdBytes = 6;
    private const int SecretBytes = 32;
    private const int IdLength = 2 * IdBytes;
    private const int SecretLength = 43;

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes));

    public static string New(string id) => $"{Prefix}{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";

    /// <summary>The id of the key that a token claims to be; null when it has not the form of one.</summary>
    public static string? IdOf(string token) =>
        token.Length == Prefix.Length + IdLength + 1 + SecretLength
            && token.StartsWith(Prefix, StringComparison.Ordinal) && token[Prefix.Length + IdLength] == '_'
            ? token.Substring(Prefix.Length, IdLength)
            : null;

    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Compares in a time that tells nothing about where they differ.</summary>
    public static bool Matches(string token, string hash) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(HashOf(token)), Encoding.ASCII.GetBytes(hash));
}
