using System.IO.Compression;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>What can be wrong with a body that is compressed, whatever is in it.</summary>
internal static class CompressedBody
{
    /// <summary>Refuses an encoding that the decompression did not know: what it knows it has removed from the header.</summary>
    /// <exception cref="ProblemException">There is one.</exception>
    public static void RequireKnownEncoding(HttpRequest request)
    {
        var encodings = request.Headers.ContentEncoding.SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries));
        if (encodings.Any(encoding => encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
            throw new ProblemException(
                Problems.UnsupportedContentEncoding,
                "Expected no Content-Encoding, or one of gzip, br, deflate; found another.",
                "Content-Encoding"
            );
    }

    /// <summary>Whether a body turned out not to be compressed as it says.</summary>
    public static bool IsDamage(Exception exception) => exception is InvalidDataException
        // Brotli's way to say the same.
        || (exception is InvalidOperationException && exception.Source == typeof(BrotliStream).Assembly.GetName().Name);

    public static ProblemException Damaged() =>
        new(
            Problems.MalformedCompression,
            "Expected a body compressed as Content-Encoding says, and nothing after it; the body is compressed differently, is truncated, "
                + "or goes on after the end of its compressed data."
        );
}
