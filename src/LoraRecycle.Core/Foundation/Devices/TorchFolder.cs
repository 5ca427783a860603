using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>A libtorch on Linux: a folder with its libraries.</summary>
/// <param name="Path">What <c>LIBTORCH</c> names, or where the program's own lies.</param>
/// <param name="Libraries">The folder of the libraries.</param>
/// <param name="Version">Its version; null where the folder does not tell.</param>
/// <param name="IsNamed">Whether it was named, and is not the program's own.</param>
internal sealed partial record TorchFolder(string Path, string Libraries, string? Version, bool IsNamed)
{
    private const string Base = "libc10.so", Cpu = "libtorch_cpu.so", Cuda = "libtorch_cuda.so";

    /// <summary>TorchSharp's native half is built against this version, and finds what it needs in later ones.</summary>
    private static readonly Version Least = new(2, 10);

    public bool HasCuda => File.Exists(Of(Cuda));

    /// <summary>The one that was published with the program: in a folder of its own, or among its native libraries (TorchSharp's CUDA
    /// package).</summary>
    /// <exception cref="DeviceException">There is none.</exception>
    public static TorchFolder Packaged =>
        NativeFolders
            .Prepend(System.IO.Path.Combine(AppContext.BaseDirectory, "libtorch"))
            .FirstOrDefault(folder => File.Exists(System.IO.Path.Combine(folder, Cpu)))
            is { } found
            ? new TorchFolder(found, found, null, IsNamed: false)
            : throw new DeviceException(
                "This program was published without a libtorch. Name a folder with one: LIBTORCH=<dir>, such as the torch folder of a "
                    + "Python installation."
            );

    /// <summary>Where the host looks for native libraries of packages.</summary>
    private static IEnumerable<string> NativeFolders =>
        (
            (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string)?.Split(
                System.IO.Path.PathSeparator,
                StringSplitOptions.RemoveEmptyEntries
            ) ?? []
        ).Append(AppContext.BaseDirectory);

    /// <summary>A Python package or an unpacked archive.</summary>
    /// <exception cref="DeviceException">It holds no libtorch, or one that is too old.</exception>
    public static TorchFolder Named(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var folder = new TorchFolder(path, System.IO.Path.Combine(path, "lib"), ReadVersion(path), IsNamed: true);
        if (!File.Exists(folder.Of(Cpu)))
            throw new DeviceException(
                $"LIBTORCH={path}: expected a libtorch, found no lib/{Cpu}. Name the torch folder of a Python installation, or an "
                    + "unpacked libtorch."
            );
        if (folder.Version is { } version && System.Version.Parse(version) < Least)
            throw new DeviceException($"LIBTORCH={path}: expected libtorch {Least} or newer, found {version}.");
        return folder;
    }

    /// <summary>Loads its libraries, and then TorchSharp's, which takes those that are loaded under the names it asks for.</summary>
    /// <exception cref="DeviceException">One does not load; the system's loader says why.</exception>
    public void Load()
    {
        TakeLogLevel(Load(Of(Base), "something it needs is missing"));
        foreach (var name in (string[])[Cpu, .. HasCuda ? [Cuda] : Array.Empty<string>(), "libtorch.so"])
            Load(Of(name), "something it needs is missing");
        var torchSharp = NativeFolders.Select(folder => System.IO.Path.Combine(folder, "libLibTorchSharp.so")).FirstOrDefault(File.Exists)
            ?? throw new DeviceException("libLibTorchSharp.so is missing next to the program; publish the program again.");
        Load(torchSharp, $"this libtorch is not the expected build ({Least} or newer)");
    }

    /// <summary>With every symbol resolved now: what is missing would otherwise end the process when it is first called.</summary>
    private IntPtr Load(string library, string likelyReason)
    {
        const int Now = 2;
        return DlOpen(library, Now) is var loaded && loaded != IntPtr.Zero
            ? loaded
            : throw new DeviceException(
                $"libtorch of {Path}: {library} does not load, {likelyReason}: {Marshal.PtrToStringUTF8(DlError())}"
            );
    }

    /// <summary>Lets <c>TORCH_CPP_LOG_LEVEL</c> count: only Python's start does that by itself.</summary>
    private static void TakeLogLevel(IntPtr loaded)
    {
        if (NativeLibrary.TryGetExport(loaded, "_ZN3c1011initLoggingEv", out var initLogging))
            Marshal.GetDelegateForFunctionPointer<Action>(initLogging)();
    }

    private string Of(string library) => System.IO.Path.Combine(Libraries, library);

    private static string? ReadVersion(string path)
    {
        foreach (var name in new[] { "version.py", "build-version" })
            if (
                System.IO.Path.Combine(path, name) is var file
                && File.Exists(file)
                && VersionNumber().Match(File.ReadAllText(file)) is { Success: true } match
            )
                return match.Value;
        return null;
    }

    [GeneratedRegex(@"\d+\.\d+\.\d+")]
    private static partial Regex VersionNumber();

    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr DlOpen(string path, int mode);

    [LibraryImport("libdl.so.2", EntryPoint = "dlerror")]
    private static partial IntPtr DlError();
}
