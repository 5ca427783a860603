using System.Diagnostics.Metrics;
using LoraRecycle.Core.Devices;
using LoraRecycle.Service.Metrics;
using TorchSharp;

namespace LoraRecycle.Service.Serving;

/// <summary>What the model's thread and its queue tell of themselves.</summary>
internal sealed class ServingMetrics
{
    private readonly Meter _meter;
    private readonly Histogram<long> _images;
    private readonly Histogram<double> _seconds;

    public ServingMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(ServiceMeter.Name);
        _images = _meter.CreateHistogram(
            "lora_recycle.batch.images", "{image}", "Images of one forward pass.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
        _seconds = _meter.CreateHistogram(
            "lora_recycle.batch.duration", "s", "Duration of one forward pass.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
    }

    public void Forwarded(int images, TimeSpan elapsed)
    {
        _images.Record(images);
        _seconds.Record(elapsed.TotalSeconds);
    }

    /// <summary>The memory of the device, where it can be told.</summary>
    /// <param name="name">As in <see cref="ModelDescription.Device"/>.</param>
    public void ObserveDevice(string name)
    {
        var device = torch.device(name);
        var tag = new KeyValuePair<string, object?>("device", name);
        if (DeviceMemory.TotalBytes(device) is not { } total)
            return;
        _meter.CreateObservableGauge("lora_recycle.device.memory.total", () => new Measurement<long>(total, tag), "By", "Memory of the device, whoever uses it.");
        _meter.CreateObservableGauge(
            "lora_recycle.device.memory.allocated", () => new Measurement<long>(DeviceMemory.AllocatedBytes(device) ?? 0, tag), "By", "Memory that the tensors of the service take.");
    }

    /// <param name="waiting">Images admitted and not yet in a forward pass.</param>
    /// <param name="loaded">Meta-LoRAs that are merged and in memory.</param>
    public void Observe(Func<int> waiting, Func<int> loaded)
    {
        _meter.CreateObservableGauge("lora_recycle.queue.images", waiting, "{image}", "Images that wait for the model.");
        _meter.CreateObservableGauge("lora_recycle.meta_loras.loaded", loaded, "{model}", "Meta-LoRAs that are merged and in memory, beside the bare model.");
    }
}
