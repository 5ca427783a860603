using System.Runtime.InteropServices;
using TorchSharp;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>
/// Which libtorch computes: the one that came with the program, or the one of the folder that <c>LIBTORCH</c> names, such as
/// the <c>torch</c> folder of a Python installation with CUDA.
/// </summary>
public static partial class TorchLibrary
{
    private const string Variable = "LIBTORCH";

    /// <summary>The exception, once thrown, is thrown to whoever asks again.</summary>
    private static readonly Lazy<TorchFolder?> Loaded = new(Find);

    /// <summary>For the record of a run, which others may read: it tells no path.</summary>
    public static string Version
    {
        get
        {
            Load();
            return $"libtorch {(Loaded.Value is { IsNamed: true } folder ? folder.Version ?? "of unknown version" : torch.__version__)}";
        }
    }

    /// <summary>For who runs the program: the version, and where it was taken from if <c>LIBTORCH</c> says so.</summary>
    public static string VersionAndPlace => Loaded.Value is { IsNamed: true } folder ? $"{Version} of {folder.Path}" : Version;

    /// <summary>Whether the libtorch that was named has CUDA, so that a machine without a usable device is a fault and no choice.</summary>
    internal static bool IsNamedWithCuda => Loaded.Value is { IsNamed: true, HasCuda: true };

    /// <summary>Loads it, where that was not done. Whatever uses tensors first calls this before: TorchSharp finds none by itself, or the
    /// system's.</summary>
    /// <exception cref="DeviceException">There is none, or the one that <c>LIBTORCH</c> names does not fit.</exception>
    public static void Load() => _ = Loaded.Value;

    private static TorchFolder? Find()
    {
        if (!OperatingSystem.IsLinux()) return null; // TorchSharp's own way
        // Its warnings are for who writes PyTorch programs ("Could not initialize NNPACK" at every convolution, in a virtual machine).
        _ = SetEnvironment("TORCH_CPP_LOG_LEVEL", "ERROR", overwrite: 0);
        var folder = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
            ? TorchFolder.Named(named)
            : TorchFolder.Packaged;
        folder.Load();
        return folder;
    }

    /// <summary>libtorch reads the process's own environment, which .NET's variables are a copy of.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
