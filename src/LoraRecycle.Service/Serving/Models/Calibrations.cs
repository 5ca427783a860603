using System.Collections.Concurrent;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>
/// What makes probabilities of a model's distances: the calibration beside the weights of its adapter. A file that comes,
/// changes or goes while the server runs is noticed; one that cannot be used is passed over, and the log says so once.
/// </summary>
internal sealed partial class Calibrations(IOptions<ModelsOptions> models, ILogger<Calibrations> logger)
{
    private readonly ConcurrentDictionary<
        (string Directory, string Model, string Adapter),
        (string Stamp, CalibrationChoice Choice)
    > _known = new();

    /// <summary>The calibration of the model with an adapter; the same object as long as its file stays as it is.</summary>
    /// <param name="model">The bare model.</param>
    /// <param name="adapter">What is merged into it.</param>
    public CalibrationChoice For(ModelDescription model, ServedAdapter adapter)
    {
        if ((adapter == ServedAdapter.None ? models.Value.FindModel() : adapter.Directory) is not { Length: > 0 } directory)
            return CalibrationChoice.Unfitted;
        var (key, stamp) = ((directory, model.FoundationRevision, adapter.Revision), Stamp(directory));
        if (_known.TryGetValue(key, out var known) && known.Stamp == stamp)
            return known.Choice;
        var choice = Read(directory, model, adapter);
        if (choice.Problem is { } problem)
            LogPassedOver(logger, adapter == ServedAdapter.None ? model.Id : adapter.Id, problem);
        _known[key] = (stamp, choice);
        return choice;
    }

    private static CalibrationChoice Read(string directory, ModelDescription model, ServedAdapter adapter)
    {
        try
        {
            return CalibrationChoice.For(directory, model.FoundationRevision, adapter == ServedAdapter.None ? null : adapter.Revision);
        }
        catch (CalibrationException exception)
        {
            // A client learns what is wrong with the file, not where this server keeps it.
            return CalibrationChoice.Unfitted with
            {
                Problem = exception.Message.Replace(directory + Path.DirectorySeparatorChar, "", StringComparison.Ordinal),
            };
        }
    }

    private static string Stamp(string directory) =>
        new FileInfo(Path.Combine(directory, CalibrationFile.Name)) is { Exists: true } file
            ? $"{file.Length} {file.LastWriteTimeUtc.Ticks}"
            : "";

    [LoggerMessage(1, LogLevel.Warning, "{Weights} answers without its calibration: {Problem}")]
    private static partial void LogPassedOver(ILogger logger, string weights, string problem);
}
