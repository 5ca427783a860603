using System.Buffers;
using System.Text;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>The content of a part of a form, read into pooled memory that grows with what really comes.</summary>
internal static class PartContent
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <returns>The content as text; null when it is not UTF-8.</returns>
    public static string? Text(byte[] content)
    {
        try
        {
            return Utf8.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <returns>The bytes; null when there are more than <paramref name="limit"/>.</returns>
    public static async Task<byte[]?> ReadAsync(Stream part, long limit, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            var length = 0;
            while (true)
            {
                var read = await part.ReadAsync(buffer.AsMemory(length), cancellation);
                if (read == 0)
                    return buffer.AsSpan(0, length).ToArray();
                length += read;
                if (length > limit)
                    return null;
                if (length == buffer.Length)
                    buffer = Grow(buffer);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(buffer.Length * 2));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
