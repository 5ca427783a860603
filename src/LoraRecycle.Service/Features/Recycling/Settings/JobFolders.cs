using System.Globalization;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Settings;

/// <summary>
/// Where jobs keep their files: a folder for each start of a unit, with the start's number in its name, so that two who
/// believe the unit theirs never write the same file. Which one counts is what the database says.
/// </summary>
internal sealed class JobFolders(IOptions<StorageOptions> storage)
{
    private string Jobs => Path.Combine(storage.Value.FullPath, "jobs");

    public string Of(string job) => Path.Combine(Jobs, job);

    public string Of(string job, int unit, long fence) =>
        Path.Combine(Of(job), string.Create(CultureInfo.InvariantCulture, $"{unit}.{fence}"));

    /// <summary>The meta-LoRA that a start of a distillation made.</summary>
    public string MetaLora(string job, int unit, long fence) => Path.Combine(Of(job, unit, fence), "meta-lora");

    /// <summary>The LoRA that a start of a tuning made.</summary>
    public string Lora(string job, int unit, long fence) => Path.Combine(Of(job, unit, fence), "lora");

    /// <summary>The images that a job tunes on, each a file named by its number.</summary>
    public string Examples(string job) => Path.Combine(Of(job), "examples");

    /// <param name="job">The job's id.</param>
    /// <param name="number">From 0: the images of the first class, of the second, ...</param>
    public string Example(string job, int number) =>
        Path.Combine(Examples(job), number.ToString("D6", CultureInfo.InvariantCulture));

    /// <summary>The jobs that have files, and when something last came to a folder or went.</summary>
    public IReadOnlyList<(string Job, DateTimeOffset Changed)> All() => !Directory.Exists(Jobs) ? [] :
        [.. new DirectoryInfo(Jobs).EnumerateDirectories()
            .Select(folder => (folder.Name, new DateTimeOffset(folder.LastWriteTimeUtc, TimeSpan.Zero)))];

    /// <summary>The folders of a unit's other starts, the latest first.</summary>
    public IReadOnlyList<string> Others(string job, int unit, long fence) => !Directory.Exists(Of(job)) ? [] :
        [.. Directory.EnumerateDirectories(Of(job))
            .Select(path => (Path: path, Name: Path.GetFileName(path).Split('.')))
            .Where(found => found.Name is [var number, _] && number == unit.ToString(CultureInfo.InvariantCulture))
            .Select(found => (found.Path, Fence: long.TryParse(found.Name[1], CultureInfo.InvariantCulture, out var other) ? other : fence))
            .Where(found => found.Fence != fence).OrderByDescending(found => found.Fence).Select(found => found.Path)];

    /// <summary>Removes all of a job's files; what is published stays.</summary>
    public void Delete(string job)
    {
        if (Directory.Exists(Of(job)))
            Directory.Delete(Of(job), recursive: true);
    }
}
