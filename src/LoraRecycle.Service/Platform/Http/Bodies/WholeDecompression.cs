using Microsoft.AspNetCore.RequestDecompression;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>
/// Decompresses a body whose compressed data ends where the body does. The library passes over what follows the end; that it finds data
/// truncated is a setting of the runtime (<c>System.IO.Compression.UseStrictValidation</c>).
/// </summary>
/// <param name="decompress">Makes the library's stream.</param>
internal sealed class WholeDecompression(Func<Stream, Stream> decompress) : IDecompressionProvider
{
    public Stream GetDecompressionStream(Stream stream)
    {
        var compressed = new Compressed(stream);
        return new Decompressed(decompress(compressed), compressed);
    }

    /// <summary>Gives its last byte alone, and only when asked for more than all the others: no compressed data is complete without
    /// it.</summary>
    private sealed class Compressed(Stream inner) : BodyStream
    {
        private byte? _last;

        public bool IsTaken { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(buffer.Length, 2);
            if (IsTaken)
                return 0;
            if (_last is null)
            {
                var first = await inner.ReadAsync(buffer[..1], cancellationToken);
                if (first > 0)
                    _last = buffer.Span[0];
            }
            else
                buffer.Span[0] = _last.Value;
            var read = _last is null ? 0 : await inner.ReadAsync(buffer[1..], cancellationToken);
            IsTaken = read == 0;
            if (IsTaken)
                return _last is null ? 0 : 1;
            _last = buffer.Span[read];
            return read;
        }
    }

    private sealed class Decompressed(Stream inner, Compressed compressed) : BodyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            return read > 0 || buffer.IsEmpty || compressed.IsTaken
                ? read
                : throw new InvalidDataException("The body goes on after the end of its compressed data.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
