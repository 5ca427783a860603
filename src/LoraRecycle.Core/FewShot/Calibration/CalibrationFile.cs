using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using LoraRecycle.Core.Foundation.Files;

namespace LoraRecycle.Core.FewShot.Calibration;

/// <summary>What <c>calibration.json</c> holds: the calibration of one model with its adapter, and how it came about.</summary>
public sealed record CalibrationFile
{
    /// <summary>The file's name, beside the model's weights or the adapter's.</summary>
    public const string Name = "calibration.json";

    /// <summary>The only version so far.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The only form so far.</summary>
    public const string CurrentForm = "distance-temperature";

    /// <summary>How it is written.</summary>
    public static JsonTypeInfo<CalibrationFile> Json => CalibrationJson.Default.CalibrationFile;

    private const int MostBytes = 1 << 20;

    /// <summary>Of the file's layout.</summary>
    public required int Version { get; init; }

    /// <summary>What the coefficients mean: <see cref="TemperatureCalibration"/>.</summary>
    public required string Form { get; init; }

    /// <summary>The foundation model's name, for people.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256, in hex, over the foundation model's configuration, preprocessing and weights.</summary>
    public required string ModelRevision { get; init; }

    /// <summary>The revision of the adapter that was merged into the model; null for the bare model.</summary>
    public required string? AdapterRevision { get; init; }

    /// <summary>Of 1, ln shots, ln unevenness, its square, ln of the prototypes' distance over their length.</summary>
    public required IReadOnlyList<double> Coefficients { get; init; }

    /// <summary>What it was fitted on.</summary>
    public required CalibrationOrigin FittedOn { get; init; }

    /// <summary>The calibration itself.</summary>
    public TemperatureCalibration ToCalibration() => TemperatureCalibration.Fitted(Coefficients);

    /// <summary>Whether it was fitted to this model and adapter.</summary>
    public bool Fits(string modelRevision, string? adapterRevision) => ModelRevision == modelRevision && AdapterRevision == adapterRevision;

    /// <summary>The calibration beside a model's or an adapter's weights; null where there is none.</summary>
    /// <param name="directory">Of the weights.</param>
    /// <exception cref="CalibrationException">The file is damaged, or of another program.</exception>
    public static CalibrationFile? Beside(string directory)
    {
        var path = Path.Combine(directory, Name);
        return File.Exists(path) ? Read(path) : null;
    }

    /// <exception cref="CalibrationException">The file is damaged, or of another program.</exception>
    public static CalibrationFile Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MostBytes)
                throw new JsonException($"it has {stream.Length:N0} bytes");
            var file =
                JsonSerializer.Deserialize(stream, CalibrationJson.Default.CalibrationFile) ?? throw new JsonException("it holds null");
            if (file.Version != CurrentVersion || file.Form != CurrentForm)
                throw new JsonException($"it has version {file.Version} and form '{file.Form}'");
            if (!TemperatureCalibration.Accepts(file.Coefficients))
                throw new JsonException($"it has {file.Coefficients.Count} coefficients, or one that is not finite");
            return file;
        }
        catch (Exception wrong) when (wrong is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CalibrationException(
                $"{path}: expected a calibration of version {CurrentVersion} and form '{CurrentForm}' with "
                    + $"{TemperatureCalibration.Coefficients} "
                    + $"finite coefficients; {wrong.Message.TrimEnd('.')}. Write the file again with 'calibrate', or delete it.", wrong);
        }
    }

    /// <summary>Writes it beside the weights; one that is there is replaced as a whole.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Write(string directory) => WholeFile.Write(
        Path.Combine(directory, Name), stream => JsonSerializer.Serialize(stream, this, CalibrationJson.Default.CalibrationFile));
}

/// <summary>What a calibration was fitted on, and how well it did there.</summary>
/// <param name="Data">The data sets with their parts, or what images they were.</param>
/// <param name="Classes">Of each of them.</param>
/// <param name="Shapes">The episodes' shapes: <c>5-way 1-shot</c>.</param>
/// <param name="Episodes">Of each shape, data set and view.</param>
/// <param name="Seed">Of the episodes.</param>
/// <param name="ErrorBefore">The mean over the shapes of the expected calibration error on these episodes, without calibration.</param>
/// <param name="ErrorAfter">The same with it.</param>
public sealed record CalibrationOrigin(
    IReadOnlyList<string> Data,
    IReadOnlyList<int> Classes,
    IReadOnlyList<string> Shapes,
    int Episodes,
    long Seed,
    double ErrorBefore,
    double ErrorAfter
);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(CalibrationFile))]
internal sealed partial class CalibrationJson : JsonSerializerContext;
