using LoraRecycle.Core.Imaging.Vips;

namespace LoraRecycle.Core.Tests.Imaging;

public sealed class VipsLibraryTests
{
    [Fact]
    public void A_missing_shim_and_a_missing_libvips_are_told_apart_and_say_what_to_install()
    {
        var empty = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Assert.Contains("apt-get install libvips-dev", VipsLibrary.Explain(empty), StringComparison.Ordinal);

            File.WriteAllText(Path.Combine(empty, $"lib{VipsNative.Library}.so"), "");
            Assert.Contains("apt-get install libvips42", VipsLibrary.Explain(empty), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(empty, recursive: true);
        }
    }
}
