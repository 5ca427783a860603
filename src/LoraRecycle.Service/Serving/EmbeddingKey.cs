using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LoraRecycle.Service.Serving;

/// <summary>What an embedding is cached under: the SHA-256 of the encoded image, and the revision of the model.</summary>
internal readonly record struct EmbeddingKey(UInt128 High, UInt128 Low, string Revision)
{
    public static EmbeddingKey Of(ReadOnlySpan<byte> encodedImage, string revision)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(encodedImage, hash);
        return new EmbeddingKey(BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]), revision);
    }
}
