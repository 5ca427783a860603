using LoraRecycle.Core.Hub.Pulling;

namespace LoraRecycle.Cli.Output;

/// <summary>What was fetched from the hub.</summary>
/// <param name="Repository">The name that <c>--model</c> or <c>--adapter</c> finds it by.</param>
/// <param name="Kind">"model" or "adapter".</param>
/// <param name="Revision">The branch, tag or commit that was asked for.</param>
/// <param name="Commit">The commit.</param>
/// <param name="RenamedTo">What the hub calls it now, where that is another name.</param>
/// <param name="Directory">Where it is.</param>
/// <param name="Files">Its files.</param>
/// <param name="Bytes">Of all files.</param>
/// <param name="FetchedBytes">Those that were not here before.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record PullReport(
    string Repository,
    string Kind,
    string Revision,
    string Commit,
    string? RenamedTo,
    string Directory,
    IReadOnlyList<PulledFile> Files,
    long Bytes,
    long FetchedBytes,
    double Seconds
)
{
    public static PullReport Of(PulledRepository pulled, TimeSpan taken) => new(
        pulled.Repository,
        pulled.IsAdapter ? "adapter" : "model",
        pulled.Revision,
        pulled.Commit,
        pulled.RenamedTo,
        pulled.Path,
        pulled.Files,
        pulled.Files.Sum(file => file.Bytes),
        pulled.Fetched,
        taken.TotalSeconds
    );
}
