namespace LoraRecycle.Core.Imaging.Vips;

/// <summary>Starts libvips, or says what is missing.</summary>
internal static class VipsLibrary
{
    /// <summary>Lets the loaders of <paramref name="formats"/> in; the first call blocks all others for good.</summary>
    /// <exception cref="DllNotFoundException">The shim or libvips is not installed.</exception>
    /// <exception cref="InvalidOperationException">libvips is there but does not start.</exception>
    public static void Allow(int formats)
    {
        VipsStatus status;
        try
        {
            status = VipsNative.Allow(formats);
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            throw new DllNotFoundException(Explain(AppContext.BaseDirectory), missing);
        }
        if (status != VipsStatus.Ok)
            throw new InvalidOperationException("Expected libvips to start; it refused. Run `vips --version` (apt-get install libvips-tools) to see why.");
    }

    /// <summary>Why the shim did not load: it is not there, or what it links against is not.</summary>
    internal static string Explain(string folder)
    {
        var shim = Path.Combine(folder, $"lib{VipsNative.Library}.so");
        return File.Exists(shim)
            ? $"Expected libvips 8.13 or newer to decode pictures with; {shim} could not be loaded without it. Run: apt-get install libvips42 (libvips42t64 on newer releases)."
            : $"Expected {shim}, which the build makes with the headers of libvips; it is not there. Run: apt-get install libvips-dev pkg-config, and build again.";
    }
}
