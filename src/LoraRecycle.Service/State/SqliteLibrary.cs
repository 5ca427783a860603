using System.Runtime.InteropServices;

namespace LoraRecycle.Service.State;

/// <summary>
/// Keeps this program's SQLite apart from the system's. libvips loads its modules into the global scope of the process, and
/// with some of them the system's SQLite; the calls that the packaged one makes to itself would be bound to that one, of
/// another version, and crash. Loaded like this before anybody else loads it, it prefers its own symbols.
/// </summary>
internal static partial class SqliteLibrary
{
    private const string FileName = "libe_sqlite3.so";
    private const int BindNow = 2;
    private const int PreferOwnSymbols = 8;

    private static readonly Lazy<bool> Loaded = new(Load);

    /// <summary>Before the first connection; nothing happens where the loader has no such scope.</summary>
    /// <returns>Whether it was loaded here.</returns>
    public static bool KeepApart() => Loaded.Value;

    private static bool Load()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var folders = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var path = folders.Append(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, FileName)).FirstOrDefault(File.Exists);
        // The handle stays for as long as the process does.
        return path is not null && Open(path, BindNow | PreferOwnSymbols) != 0;
    }

    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);
}
