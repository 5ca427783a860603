using System.Diagnostics;
using TorchSharp.Interop;

namespace LoraRecycle.Torch.Tests.Interop;

public class NativeLibraryResolverTests
{
    [Fact]
    public void A_missing_shim_says_where_it_was_expected_and_how_to_build_it()
    {
        var path = Path.Combine(Path.GetTempPath(), "no-such-folder", "libnone.so");
        var error = Assert.Throws<DllNotFoundException>(() => NativeLibraryResolver.Load(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("make -C src/LoraRecycle.Torch/native", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shim_without_its_libtorch_says_which_library_is_missing_and_what_to_install()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var error = Assert.Throws<DllNotFoundException>(() => NativeLibraryResolver.Load(LibraryThatNeeds("torch_that_is_not_there", folder.FullName)));
            Assert.Contains("libtorch_that_is_not_there.so", error.Message, StringComparison.Ordinal);
            Assert.Contains("apt-get install libtorch-dev", error.Message, StringComparison.Ordinal);
            Assert.Contains("LIBTORCH", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        var file = Path.GetTempFileName();
        try
        {
            Assert.Contains(file, Assert.Throws<DllNotFoundException>(() => NativeLibraryResolver.Load(file)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A library linked against another that is gone afterwards, as the shim is when libtorch was removed.</summary>
    private static string LibraryThatNeeds(string name, string folder)
    {
        Compile(folder, "-x", "c", "/dev/null", "-o", $"lib{name}.so");
        Compile(folder, "-x", "c", "/dev/null", "-L.", "-Wl,--no-as-needed", $"-l{name}", "-o", "libshim.so");
        File.Delete(Path.Combine(folder, $"lib{name}.so"));
        return Path.Combine(folder, "libshim.so");
    }

    private static void Compile(string folder, params string[] arguments)
    {
        using var compiler = Process.Start(new ProcessStartInfo("g++", ["-shared", .. arguments]) { WorkingDirectory = folder })!;
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }
}
