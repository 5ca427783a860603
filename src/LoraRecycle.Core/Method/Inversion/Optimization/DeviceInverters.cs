using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.ResNet;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>An inverter on each of several devices, with a model and a prior of its own, so that none waits for another.</summary>
public sealed class DeviceInverters : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly List<LoraInverter> _inverters = [];

    /// <param name="modelDirectory">A Hugging Face model directory.</param>
    /// <param name="priorPath">The network of R_BN; null for none.</param>
    /// <param name="devices">At least one; one that is named twice gets two inverters.</param>
    /// <param name="dtype">In what the transformer computes.</param>
    /// <param name="settings">How to invert.</param>
    /// <param name="pace">As <see cref="LoraInverter.Pace"/>.</param>
    /// <exception cref="ModelException">The model or the prior cannot be used.</exception>
    /// <exception cref="InversionException">A setting is out of its range, or does not fit the model.</exception>
    public DeviceInverters(
        string modelDirectory,
        string? priorPath,
        IReadOnlyList<Device> devices,
        ScalarType dtype,
        InversionSettings settings,
        Action<CancellationToken>? pace = null
    )
    {
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentOutOfRangeException.ThrowIfZero(devices.Count, nameof(devices));
        try
        {
            foreach (var device in devices)
            {
                var model = Own(FrozenModel.Load(modelDirectory, device, dtype));
                var prior = priorPath is null ? null : Own(BatchNormPrior.Load(priorPath, device));
                _inverters.Add(Own(new LoraInverter(model.Transformer, model.Preprocessor.Config, prior, settings) { Pace = pace }));
                ModelId = model.Id;
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The name of the model's directory.</summary>
    public string ModelId { get; } = "";

    public VisionTransformer Model => _inverters[0].Model;

    public IReadOnlyList<LoraInverter> All => _inverters;

    public void Dispose()
    {
        for (var i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
    }

    private T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
