using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>
/// The calibration that a new meta-LoRA begins with: the bare model's. There are no real pictures to fit another on, and the
/// synthetic ones were what it was trained on, so it must be surer of them than of others. 'calibrate' replaces it where there are some.
/// </summary>
internal static class InheritedCalibration
{
    private const string Origin = "taken over from the bare model: ";

    /// <summary>Writes it beside the meta-LoRA's files, which are there already; nothing where the model has none that fits.</summary>
    /// <param name="modelDirectory">Of the foundation model.</param>
    /// <param name="model">The foundation model.</param>
    /// <param name="folder">Of the meta-LoRA.</param>
    public static void Write(string modelDirectory, FrozenModel model, string folder)
    {
        CalibrationFile? bare;
        try
        {
            bare = CalibrationFile.Beside(modelDirectory);
        }
        catch (CalibrationException)
        {
            return; // hours of training do not end on a file that is not needed; who serves or evaluates the model is told
        }
        if (bare is null || !bare.Fits(model.FoundationRevision, adapterRevision: null))
            return;
        using var adapter = AdapterCatalog.Default.Load(folder, model.Transformer.AdaptableLayers);
        var inherited = bare with
        {
            AdapterRevision = adapter.Revision,
            FittedOn = bare.FittedOn with { Data = [.. bare.FittedOn.Data.Select(data => Origin + data)] },
        };
        inherited.Write(folder);
    }
}
