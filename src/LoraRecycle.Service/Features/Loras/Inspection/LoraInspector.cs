using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra.Analysis;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Loras.Inspection;

/// <summary>
/// Measures what LoRAs do to the model's weights, when somebody asks: on the CPU, one at a time, not on the model's thread.
/// A measurement is kept, since neither a LoRA of an id nor the model ever changes; whoever leaves stops only their own.
/// </summary>
internal sealed class LoraInspector(IOptions<ModelsOptions> models) : IDisposable
{
    private const int MostKept = 64;

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly OrderedDictionary<string, IReadOnlyList<LayerSpectrum>> _known = new(StringComparer.Ordinal);

    public static SpectrumSettings Settings { get; } = new();

    /// <summary>Whether a LoRA is for the model whose weights are at hand.</summary>
    public bool CanInspect(Lora lora) => lora.Facts.Model == models.Value.Default;

    /// <exception cref="AdapterException">The LoRA's files are not what they were when they were checked, or went.</exception>
    public async Task<IReadOnlyList<LayerSpectrum>> InspectAsync(Lora lora, CancellationToken cancellation)
    {
        await _oneAtATime.WaitAsync(cancellation);
        try
        {
            if (_known.TryGetValue(lora.Id, out var known))
                return known;
            var measured = await BackgroundThread.RunAsync(() => Measure(lora, cancellation));
            if (_known.Count == MostKept)
                _known.RemoveAt(0);
            _known.Add(lora.Id, measured);
            return measured;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    private IReadOnlyList<LayerSpectrum> Measure(Lora lora, CancellationToken cancellation)
    {
        using var model = ModelDirectory.Open(models.Value.FindModel()!);
        using var adapter = AdapterCatalog.Default.Load(lora.Directory, model.AdaptableLayers);
        return adapter.Revision == lora.Id
            ? SpectrumAnalysis.Measure(adapter, model.AdaptableLayers, model.ReadLayer, Settings, cancellation)
            : throw new AdapterException(
                $"the files in {lora.Directory} have changed: expected revision {lora.Id}, found {adapter.Revision}."
            );
    }
}
