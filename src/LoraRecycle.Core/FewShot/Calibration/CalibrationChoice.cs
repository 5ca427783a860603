namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>The calibration that a model answers with.</summary>
/// <param name="Calibration">The one that was fitted to it, or that of support sets alone.</param>
/// <param name="File">What it was read from; null for none.</param>
/// <param name="Problem">Why a file that is there is passed over; null where nothing is wrong.</param>
public sealed record CalibrationChoice(TemperatureCalibration Calibration, CalibrationFile? File, string? Problem)
{
    /// <summary>Where its probabilities come from, as far as the model decides that: with too few support images, from nowhere.</summary>
    public CalibrationSource Source => File is null ? CalibrationSource.SupportSet : CalibrationSource.Fitted;

    /// <summary>Where nothing was fitted.</summary>
    public static CalibrationChoice Unfitted { get; } = new(TemperatureCalibration.SupportSetOnly, null, null);

    /// <summary>Looks beside the weights.</summary>
    /// <param name="directory">The model's for the bare model, else the adapter's.</param>
    /// <param name="modelRevision">Of the foundation model.</param>
    /// <param name="adapterRevision">Of its adapter; null for the bare model.</param>
    /// <exception cref="CalibrationException">The file is damaged, or of another program.</exception>
    public static CalibrationChoice For(string directory, string modelRevision, string? adapterRevision)
    {
        if (CalibrationFile.Beside(directory) is not { } file)
            return Unfitted;
        return file.Fits(modelRevision, adapterRevision)
            ? new CalibrationChoice(file.ToCalibration(), file, null)
            : Unfitted with
            {
                Problem = $"{CalibrationFile.Name} was fitted to another model or adapter (model '{file.Model}', "
                    + $"{file.ModelRevision[..Math.Min(8, file.ModelRevision.Length)]}) and is ignored; fit a new one with 'calibrate'.",
            };
    }
}
