namespace LoraRecycle.Core.Imaging.Formats.Jpeg;

/// <summary>Whether a JPEG's scans are all there, and no more of them than its pixels can need.</summary>
internal static class JpegScans
{
    /// <exception cref="ImageException">The end marker is missing, there are too many scans, or they are laid out in a way that is not
    /// read.</exception>
    public static void RefuseUnlessWhole(ReadOnlySpan<byte> encoded, ImageHeader header, int maxScans)
    {
        var scans = 0;
        var segments = new JpegSegments(encoded);
        while (segments.Next(out var marker, out var body))
        {
            if (marker == JpegSegments.EndOfImage)
                return;
            if (marker != JpegSegments.StartOfScan)
                continue;
            if (++scans > maxScans)
                throw new ImageException(
                    ImageFault.TooCostly, $"a JPEG of at most {maxScans} scans", "one of more", Remedy.SaveAgain);
            var components = body.IsEmpty ? 0 : body[0];
            if (!header.Interlaced && components > 1 && components < header.Bands)
                throw new ImageException(
                    ImageFault.UnsupportedFormat, "a JPEG with all its components in one scan, or each in its own",
                    $"one with {components} of {header.Bands} in a scan", Remedy.Convert);
        }
        throw new ImageException(
            ImageFault.Damaged, $"{header.Width} x {header.Height} pixels of JPEG", "truncated data", Remedy.SendItWhole);
    }
}
