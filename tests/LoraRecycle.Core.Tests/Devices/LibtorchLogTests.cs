using System.Diagnostics;
using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Tests.Devices;

public sealed class LibtorchLogTests
{
    [Fact]
    public void Libtorch_writes_no_warnings_beside_the_answers_unless_the_environment_asks_for_them()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("TORCH_CPP_LOG_LEVEL") is { } named && named != "ERROR", "the environment asks");
        using var process = Process.GetCurrentProcess();
        var library = process.Modules.Cast<ProcessModule>().First(module => module.ModuleName == "libc10.so");
        var level = NativeLibrary.GetExport(NativeLibrary.Load(library.FileName), "FLAGS_caffe2_log_level");
        const int Error = 2;
        Assert.Equal(Error, Marshal.ReadInt32(level));
    }
}
