using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LoraRecycle.Service.Serving.Embedding;

/// <summary>What an embedding is cached under: the SHA-256 of the encoded image, and the revisions of the model and of the
/// adapter.</summary>
internal readonly record struct EmbeddingKey(UInt128 High, UInt128 Low, string Model, string Adapter)
{
    public static EmbeddingKey Of(ReadOnlySpan<byte> encodedImage, string model, string adapter)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(encodedImage, hash);
        return new EmbeddingKey(
            BinaryPrimitives.ReadUInt128BigEndian(hash),
            BinaryPrimitives.ReadUInt128BigEndian(hash[16..]),
            model,
            adapter
        );
    }
}
