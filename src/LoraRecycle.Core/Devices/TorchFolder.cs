using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace LoraRecycle.Core.Devices;

/// <summary>A folder with a libtorch in its <c>lib</c>: a Python package or an unpacked archive.</summary>
internal sealed partial record TorchFolder(string Path, string? Version, bool HasCuda)
{
    /// <summary>TorchSharp's native half is built against this version, and finds what it needs in later ones.</summary>
    private static readonly Version Least = new(2, 10);

    /// <exception cref="DeviceException">It holds no libtorch, or one that is too old.</exception>
    public static TorchFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        var library = System.IO.Path.Combine(path, "lib", "libtorch_cpu.so");
        if (!File.Exists(library))
            throw new DeviceException($"LIBTORCH={path}: expected a libtorch, found no lib/libtorch_cpu.so. Name the torch folder of a Python installation, or an unpacked libtorch.");
        var version = ReadVersion(path);
        if (version is not null && System.Version.Parse(version[..version.LastIndexOf('.')]) < Least)
            throw new DeviceException($"LIBTORCH={path}: expected libtorch {Least} or newer, found {version}.");
        return new TorchFolder(path, version, File.Exists(System.IO.Path.Combine(path, "lib", "libtorch_cuda.so")));
    }

    /// <summary>Loads its libraries, and then TorchSharp's, which takes those that are loaded under the names it asks for.</summary>
    /// <exception cref="DeviceException">One does not load; the system's loader says why.</exception>
    public void Load(string torchSharp)
    {
        foreach (var name in (string[])["libc10.so", "libtorch_cpu.so", .. HasCuda ? ["libtorch_cuda.so"] : Array.Empty<string>(), "libtorch.so"])
            Load(System.IO.Path.Combine(Path, "lib", name), "something that it needs is missing");
        Load(torchSharp, $"the libtorch {Version} is of another build than it expects ({Least} or newer)");
    }

    /// <summary>With every symbol resolved now: what is missing would otherwise end the process when it is first called.</summary>
    private void Load(string library, string likelyReason)
    {
        const int Now = 2;
        if (DlOpen(library, Now) == IntPtr.Zero)
            throw new DeviceException($"LIBTORCH={Path}: {library} does not load, {likelyReason}: {Marshal.PtrToStringUTF8(DlError())}");
    }

    private static string? ReadVersion(string path)
    {
        foreach (var name in new[] { "version.py", "build-version" })
            if (System.IO.Path.Combine(path, name) is var file && File.Exists(file) && VersionNumber().Match(File.ReadAllText(file)) is { Success: true } match)
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
