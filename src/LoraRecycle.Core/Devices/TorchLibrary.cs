using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace LoraRecycle.Core.Devices;

/// <summary>
/// Which libtorch computes: the one that came with the program, or the one of the folder that <c>LIBTORCH</c> names, such as
/// the <c>torch</c> folder of a Python installation with CUDA.
/// </summary>
public static partial class TorchLibrary
{
    private const string Variable = "LIBTORCH";

    /// <summary>The exception, once thrown, is thrown to whoever asks again.</summary>
    private static readonly Lazy<TorchFolder?> Loaded = new(Find);

    /// <summary>For the record of a run.</summary>
    public static string Version
    {
        get
        {
            Load();
            return Loaded.Value is { } folder ? $"libtorch {folder.Version ?? "of unknown version"} of {folder.Path}" : $"libtorch {torch.__version__}";
        }
    }

    /// <summary>Whether the libtorch that was named has CUDA, so that a machine without a usable device is a fault and no choice.</summary>
    internal static bool IsNamedWithCuda => Loaded.Value is { HasCuda: true };

    /// <summary>Loads it, where that was not done. Whatever uses tensors first calls this before; TorchSharp would load its own.</summary>
    /// <exception cref="DeviceException">There is none, or the one that <c>LIBTORCH</c> names does not fit.</exception>
    public static void Load() => _ = Loaded.Value;

    private static TorchFolder? Find()
    {
        // Its warnings are for who writes PyTorch programs ("Could not initialize NNPACK" at every convolution, in a virtual machine).
        if (OperatingSystem.IsLinux()) _ = SetEnvironment("TORCH_CPP_LOG_LEVEL", "ERROR", overwrite: 0);
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            if (!OperatingSystem.IsLinux()) throw new DeviceException($"{Variable} is read on Linux only; unset it, and the program computes with the libtorch that it came with.");
            var folder = TorchFolder.Open(named);
            KeepTorchSharpFromLoading();
            folder.Load(NativeFolders.Select(native => Path.Combine(native, "libLibTorchSharp.so")).FirstOrDefault(File.Exists)
                ?? throw new DeviceException("libLibTorchSharp.so is missing beside the program; publish it again."));
            return folder;
        }
        return NativeFolders.Any(native => File.Exists(Path.Combine(native, PackagedName)))
            ? null
            : throw new DeviceException($"This program was published without a libtorch. Name a folder with one: {Variable}=<dir>, such as the torch folder of a Python installation.");
    }

    /// <summary>libtorch reads the process's own environment, which .NET's variables are a copy of.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    private static string PackagedName => OperatingSystem.IsWindows() ? "torch_cpu.dll" : OperatingSystem.IsMacOS() ? "libtorch_cpu.dylib" : "libtorch_cpu.so";

    /// <summary>Where the host looks for native libraries of packages.</summary>
    private static IEnumerable<string> NativeFolders =>
        ((AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string)?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) ?? []).Append(AppContext.BaseDirectory);

    /// <summary>
    /// TorchSharp has no setting for this: at its first use it loads libtorch_cpu from beside the program, a second one in the
    /// process, whose operators would be registered twice. It remembers in these fields that it has done so.
    /// </summary>
    private static void KeepTorchSharpFromLoading()
    {
        foreach (var name in new[] { "nativeBackendLoaded", "nativeBackendCudaLoaded" })
        {
            var field = typeof(torch).GetField(name, BindingFlags.Static | BindingFlags.NonPublic)
                ?? throw new DeviceException($"{Variable} does not work with this version of TorchSharp, which keeps no field '{name}'.");
            if (field.GetValue(null) is true) throw new InvalidOperationException($"Expected {Variable} to be read before the first tensor is made.");
            field.SetValue(null, true);
        }
    }
}
