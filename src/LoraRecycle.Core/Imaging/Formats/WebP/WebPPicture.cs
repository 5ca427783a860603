using System.Buffers.Binary;
using LoraRecycle.Core.Imaging.Formats.WebP.Lossless;

namespace LoraRecycle.Core.Imaging.Formats.WebP;

/// <summary>WebP, lossy and lossless, with one frame. Its transparency is kept apart from its colours, and is not even decoded.</summary>
internal sealed class WebPPicture() : PictureFormat("WebP")
{
    private const int FileHeaderBytes = 12;
    private const byte AnimationFlag = 0x02;
    private const byte AlphaFlag = 0x10;

    public override bool Recognises(ReadOnlySpan<byte> encoded) =>
        encoded.Length >= FileHeaderBytes && encoded.StartsWith("RIFF"u8) && encoded[8..FileHeaderBytes].SequenceEqual("WEBP"u8);

    public override ImageHeader ReadHeader(ReadOnlySpan<byte> encoded)
    {
        (int Width, int Height)? canvas = null;
        ImageHeader? header = null;
        var (orientation, hasAlpha) = (ExifOrientation.Upright, false);
        var chunks = new WebPChunks(encoded);
        while (chunks.Next())
        {
            if (chunks.Is("VP8X"u8))
            {
                var extended = new PictureReader(chunks.Data, bigEndian: false);
                var flags = extended.UInt8();
                if ((flags & AnimationFlag) != 0)
                    throw NotRead("an animated WebP");
                hasAlpha = (flags & AlphaFlag) != 0;
                extended.Skip(3);
                canvas = (1 + extended.UInt16() + (extended.UInt8() << 16), 1 + extended.UInt16() + (extended.UInt8() << 16));
            }
            else if (chunks.Is("ANIM"u8) || chunks.Is("ANMF"u8))
                throw NotRead("an animated WebP");
            else if (header is null && chunks.Is("VP8 "u8))
                header = ReadLossy(chunks.Data);
            else if (header is null && chunks.Is("VP8L"u8))
                header = ReadLossless(chunks.Data);
            else if (chunks.Is("EXIF"u8))
                orientation = ExifOrientation.Read(chunks.Data);
        }
        if (header is null)
            throw BadHeader($"{encoded.Length} bytes without the start of a frame");
        if (canvas is { } size && size != (header.Width, header.Height))
            throw BadHeader($"a canvas of {size.Width} x {size.Height} around an image of {header.Width} x {header.Height}");
        hasAlpha |= header.HasAlpha;
        return header with { Orientation = orientation, HasAlpha = hasAlpha, Bands = hasAlpha ? 4 : 3 };
    }

    public override DecodedImage Decode(ReadOnlySpan<byte> encoded, ImageHeader header, PictureCodec codec)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(encoded[4..]) > encoded.Length - 8)
            throw Cut(header, "truncated data");
        var chunks = new WebPChunks(encoded);
        while (chunks.Next())
        {
            if (!chunks.IsWhole || !(chunks.Is("VP8 "u8) || chunks.Is("VP8L"u8)))
                continue;
            if (chunks.Is("VP8L"u8))
                LosslessGroups.RefuseTooMany(chunks.Data, header);
            return Decode(codec, Alone(chunks), header);
        }
        throw Cut(header, "truncated data");
    }

    /// <summary>A file of nothing but the frame's colours.</summary>
    private static byte[] Alone(WebPChunks chunks)
    {
        const int Framing = 8;
        var padded = chunks.Data.Length + (chunks.Data.Length & 1);
        var file = new byte[FileHeaderBytes + Framing + padded];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WEBP"u8.CopyTo(file.AsSpan(8));
        chunks.Type.CopyTo(file.AsSpan(FileHeaderBytes));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(FileHeaderBytes + 4), chunks.Data.Length);
        chunks.Data.CopyTo(file.AsSpan(FileHeaderBytes + Framing));
        return file;
    }

    private ImageHeader ReadLossy(ReadOnlySpan<byte> data)
    {
        var frame = new PictureReader(data, bigEndian: false);
        frame.Skip(3);
        if (!frame.Take(3).SequenceEqual((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A]))
            throw BadHeader("a WebP frame without its start code");
        return Header(frame.UInt16() & 0x3FFF, frame.UInt16() & 0x3FFF, hasAlpha: false);
    }

    private ImageHeader ReadLossless(ReadOnlySpan<byte> data)
    {
        var frame = new PictureReader(data, bigEndian: false);
        if (frame.UInt8() != 0x2F)
            throw BadHeader("a WebP frame without its signature");
        var fields = frame.UInt32();
        return Header(1 + (int)(fields & 0x3FFF), 1 + (int)(fields >> 14 & 0x3FFF), hasAlpha: (fields >> 28 & 1) != 0);
    }

    private ImageHeader Header(int width, int height, bool hasAlpha) => width == 0 || height == 0
        ? throw BadHeader($"one of {width} x {height} pixels")
        : new ImageHeader(Name, width, height, Pages: 1, Bands: 3, BytesPerSample: 1, Interlaced: false, ExifOrientation.Upright, hasAlpha);
}
