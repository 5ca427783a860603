using System.Reflection;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>Loads the shim and, through it, libtorch; when that fails, says what is missing and what to do.</summary>
internal static class NativeLibraryResolver
{
    public const string Name = "lorarecycle_torch";

    private const string FileName = "liblorarecycle_torch.so";

    public static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraryResolver).Assembly, Resolve);

    /// <summary>The shim's path: <c>LORA_RECYCLE_TORCH_SHIM</c> when set, else beside the assembly.</summary>
    private static string ShimPath =>
        Environment.GetEnvironmentVariable("LORA_RECYCLE_TORCH_SHIM") is { Length: > 0 } path ? path : Path.Combine(AppContext.BaseDirectory, FileName);

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath) =>
        name == Name ? Load(ShimPath) : IntPtr.Zero;

    internal static IntPtr Load(string path)
    {
        if (!File.Exists(path))
            throw new DllNotFoundException(
                $"Expected the libtorch shim at {path}, found no file. Build it with 'make -C src/LoraRecycle.Torch/native' (or ./run), or name it in LORA_RECYCLE_TORCH_SHIM.");
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (DllNotFoundException missing)
        {
            throw new DllNotFoundException(
                $"The libtorch shim {path} could not be loaded: {missing.Message.ReplaceLineEndings(" ").Trim()}. "
                + "Install libtorch (Debian: apt-get install libtorch-dev libopenblas0-openmp), or set LIBTORCH to the folder of another libtorch and build again.",
                missing);
        }
    }
}
