using LoraRecycle.Core.Foundation.Files;

namespace LoraRecycle.Core.Hub;

/// <summary>
/// The cache that Hugging Face's tools share on a machine, in their layout: for each repository a folder with the files' contents
/// (<c>blobs</c>, each named by the hub's tag of it), the commits of branches and tags (<c>refs</c>), and for each commit a folder
/// of links to contents (<c>snapshots</c>), which looks as the repository does.
/// </summary>
/// <param name="root">Its folder, which need not be there.</param>
/// <param name="links">Whether a snapshot's files are links, where the file system has them.</param>
public sealed class HubCache(string root, bool links = true)
{
    private const string Prefix = "models--";
    private const string Separator = "--";
    private const string Snapshots = "snapshots";

    /// <summary>The full path of its folder.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    internal bool HasLinks => links;

    /// <summary>The one that the environment says.</summary>
    /// <param name="variable">An environment variable by its name; without it, the process's own.</param>
    public static HubCache FromEnvironment(Func<string, string?>? variable = null)
    {
        var folders = new HubFolders(variable ?? Environment.GetEnvironmentVariable);
        return new HubCache(folders.Cache, links: !HubSettings.IsYes(folders.Value("HF_HUB_DISABLE_SYMLINKS")));
    }

    /// <summary>The directory of a model that was fetched with its weights; null where there is none.</summary>
    /// <param name="given">ORG/NAME or ORG/NAME@REVISION; any other text names none.</param>
    public string? FindModel(string given) => Find(given, IsModel);

    /// <summary>The directory of an adapter that was fetched; null where there is none.</summary>
    /// <param name="given">ORG/NAME or ORG/NAME@REVISION; any other text names none.</param>
    public string? FindAdapter(string given) =>
        Find(given, snapshot => Directory.EnumerateFiles(snapshot, "*.safetensors").Any(IsThere));

    /// <summary>A sentence for who names what is not here: how to fetch it. Empty where the text names no repository.</summary>
    public string Advice(string given) =>
        HubReference.TryParse(given) is { } reference
            ? $" Nor is there a repository of this name in {Root}; './run pull {reference.Arguments}' fetches it from the Hugging Face Hub."
            : "";

    /// <summary>What a model or an adapter is called: the name of its directory, or for a snapshot of this cache, whose name is a commit,
    /// that of its repository without the organisation.</summary>
    public static string NameOf(string directory)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        return RepositoryFolder(full) is { } folder ? folder[(folder.LastIndexOf(Separator, StringComparison.Ordinal) + 2)..]
            : Path.GetFileName(full);
    }

    /// <summary>Whether a directory is a snapshot of such a cache.</summary>
    public static bool IsSnapshot(string directory) =>
        RepositoryFolder(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory))) is not null;

    /// <summary>Before a file of a snapshot is written: takes away the link, or what is written would go into a blob that other snapshots
    /// share and that is called by its hash. Does nothing in other directories.</summary>
    public static void Detach(string directory, string name)
    {
        if (IsSnapshot(directory) && new FileInfo(Path.Combine(directory, name)) is { LinkTarget: not null } link) link.Delete();
    }

    /// <summary>The directory of a commit that was fetched, at least in part; null where there is none.</summary>
    internal string? Snapshot(HubReference reference)
    {
        var (revision, folder) = (reference.RevisionOrDefault, Folder(reference.Repository));
        var commit = HubReference.IsCommit(revision) ? revision : ReadRef(Path.Combine(folder, "refs", revision));
        return commit is not null && Path.Combine(folder, Snapshots, commit) is var snapshot && Directory.Exists(snapshot)
            ? snapshot
            : null;
    }

    internal static bool IsModel(string snapshot) =>
        IsThere(Path.Combine(snapshot, "config.json"))
        && (IsThere(Path.Combine(snapshot, "model.safetensors")) || IsThere(Path.Combine(snapshot, "model.safetensors.index.json")));

    internal string SnapshotOf(string repository, string commit) => Path.Combine(Folder(repository), Snapshots, commit);

    internal string Blob(string repository, string tag) => Path.Combine(Folder(repository), "blobs", tag);

    internal string Lock(string repository, string tag) => Path.Combine(Root, ".locks", FolderName(repository), $"{tag}.lock");

    /// <summary>Remembers the commit of a branch or a tag.</summary>
    internal void WriteRef(HubReference reference, string commit)
    {
        var path = Path.Combine(Folder(reference.Repository), "refs", reference.RevisionOrDefault);
        if (reference.RevisionOrDefault == commit || ReadRef(path) == commit) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WholeFile.Write(path, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(commit)));
    }

    /// <summary>Whether a path leads to a file; .NET calls a link that leads nowhere a file, too.</summary>
    internal static bool IsThere(string path) => File.Exists(Links.Followed(path));

    private string? Find(string given, Func<string, bool> isWhole) =>
        HubReference.TryParse(given) is { } reference && Snapshot(reference) is { } snapshot && isWhole(snapshot) ? snapshot : null;

    private string Folder(string repository) => Path.Combine(Root, FolderName(repository));

    private static string FolderName(string repository) => Prefix + repository.Replace("/", Separator, StringComparison.Ordinal);

    private static string? RepositoryFolder(string full) =>
        Path.GetDirectoryName(full) is { } parent
        && Path.GetFileName(parent) == Snapshots
        && Path.GetFileName(Path.GetDirectoryName(parent)) is { } folder
        && folder.StartsWith(Prefix, StringComparison.Ordinal)
            ? folder
            : null;

    private static string? ReadRef(string path)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length < 100 && File.ReadAllText(path).Trim() is var commit
                && HubReference.IsCommit(commit) ? commit : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
