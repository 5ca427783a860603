using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>The data sets on this server, by name. What a client sends is only compared with their names, and never part of a
/// path.</summary>
internal sealed partial class DataSets(IOptions<JobsOptions> options, ILogger<DataSets> logger)
{
    private const string SplitsName = "splits.json";
    private const string Archive = ".zip";

    public IReadOnlyList<string> Names => [.. Paths().Keys.Order(StringComparer.Ordinal)];

    /// <summary>Which parts of a data set can be asked for: those of its split, and all of it.</summary>
    public IReadOnlyList<SplitPart> PartsOf(string name)
    {
        try
        {
            return Splits(name) is null ? [SplitPart.All] : [SplitPart.Train, SplitPart.Val, SplitPart.Test, SplitPart.All];
        }
        catch (DataSetException)
        {
            return []; // the split file is damaged: whoever asks for a part is told so
        }
    }

    /// <summary>What a request means by a data set, checked in full.</summary>
    /// <exception cref="ProblemException">There is no such data set, or it cannot fill the episodes.</exception>
    public ValidationSettings Resolve(ValidationRequest request)
    {
        const string field = "validation";
        if (!Paths().ContainsKey(request.DataSet))
            throw new ProblemException(
                RecycleProblems.UnknownDataSet,
                Names is [_, ..] names ? $"Expected one of {string.Join(", ", names)}." : "This server has no data sets (Jobs:DataSets).",
                $"{field}.dataSet"
            );
        try
        {
            var part = request.Part is null
                ? Splits(request.DataSet) is null
                    ? SplitPart.All
                    : SplitPart.Val
                : request.Part.All(char.IsAsciiLetterLower) && Enum.TryParse<SplitPart>(request.Part, ignoreCase: true, out var named)
                    ? named
                    : throw new ProblemException(RecycleProblems.InvalidSetting, "Expected train, val, test or all.", $"{field}.part");
            var settings = new ValidationSettings(
                request.DataSet,
                part,
                request.Ways ?? 5,
                request.Shots ?? 1,
                request.Queries ?? 15,
                request.Episodes ?? 200,
                request.Seed ?? 0
            );
            if (settings.Episodes is < 1 or > 10_000)
                throw new ProblemException(RecycleProblems.InvalidSetting, "Expected 1 to 10000 episodes.", $"{field}.episodes");
            using var data = Open(settings.DataSet);
            _ = Evaluation(settings, data);
            return settings;
        }
        catch (DataSetException exception)
        {
            throw new ProblemException(RecycleProblems.InvalidSetting, exception.Message, field);
        }
    }

    /// <exception cref="DataSetException">There is none any more, or it is damaged.</exception>
    public ImageDataSet Open(string name)
    {
        var data = ImageDataSet.Open(
            Paths().GetValueOrDefault(name) ?? throw new DataSetException($"The data set '{name}' no longer exists."));
        if (data.Notice is { } notice) LogSkipped(notice);
        return data;
    }

    [LoggerMessage(1, LogLevel.Warning, "Data set {Notice}")]
    private partial void LogSkipped(string notice);

    /// <exception cref="DataSetException">The data set cannot fill the episodes.</exception>
    public FewShotEvaluation Evaluation(ValidationSettings settings, ImageDataSet data)
    {
        var classes =
            settings.Part == SplitPart.All || Splits(data.Name) is not { } splits
                ? settings.Part == SplitPart.All
                    ? data.Classes
                    : throw new DataSetException($"Expected the part all; this server has no split of '{data.Name}'.")
                : data.Select(splits.Classes(data.Name, settings.Part));
        return new FewShotEvaluation(
            classes,
            new EpisodeShape(settings.Ways, settings.Shots, settings.Queries),
            settings.Episodes,
            settings.Seed
        );
    }

    private DataSetSplits? Splits(string name)
    {
        if (Folder() is not { } folder || Path.Combine(folder, SplitsName) is var path && !File.Exists(path))
            return null;
        var splits = DataSetSplits.Load(path);
        return splits.Knows(name) ? splits : null;
    }

    private Dictionary<string, string> Paths()
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Folder() is not { } folder)
            return paths;
        foreach (var path in Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal))
            if (Directory.Exists(path))
                paths.TryAdd(Path.GetFileName(path), path);
            else if (Path.GetExtension(path).Equals(Archive, StringComparison.OrdinalIgnoreCase))
                paths.TryAdd(Path.GetFileNameWithoutExtension(path), path);
        return paths;
    }

    private string? Folder() => ModelsOptions.Find(options.Value.DataSets);
}
