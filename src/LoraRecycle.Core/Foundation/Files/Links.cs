namespace LoraRecycle.Core.Foundation.Files;

/// <summary>Symbolic links, which a rename would replace by what is renamed.</summary>
internal static class Links
{
    /// <summary>Where a path leads to in the end, be there something or not; the path itself where it is no link.</summary>
    public static string Followed(string path) =>
        new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
}
