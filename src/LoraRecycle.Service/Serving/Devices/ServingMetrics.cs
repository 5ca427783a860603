using System.Diagnostics.Metrics;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Service.Platform.Observability.Metrics;
using LoraRecycle.Service.Serving.Models;
using TorchSharp;

namespace LoraRecycle.Service.Serving.Devices;

/// <summary>What the devices and the queue in front of them tell of themselves.</summary>
internal sealed class ServingMetrics
{
    private readonly Meter _meter;
    private readonly Histogram<long> _images;
    private readonly Histogram<double> _seconds;
    private readonly Counter<long> _splits;

    public ServingMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(ServiceMeter.Name);
        _images = _meter.CreateHistogram(
            "lora_recycle.batch.images", "{image}", "Images in one forward pass.",
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });
        _seconds = _meter.CreateHistogram(
            "lora_recycle.batch.duration",
            "s",
            "Duration of one forward pass.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
            }
        );
        _splits = _meter.CreateCounter<long>(
            "lora_recycle.batch.splits",
            "{split}",
            "Batches that did not fit into device memory and were halved."
        );
    }

    public void Forwarded(string device, int images, TimeSpan elapsed)
    {
        var tag = Tag(device);
        _images.Record(images, tag);
        _seconds.Record(elapsed.TotalSeconds, tag);
    }

    /// <summary>A batch did not fit into the memory of its device, and was halved.</summary>
    public void Split(string device) => _splits.Add(1, Tag(device));

    /// <summary>The memory of a device, where it can be told.</summary>
    /// <param name="name">As in <see cref="ModelDescription.Device"/>.</param>
    public void ObserveMemory(string name)
    {
        var device = torch.device(name);
        var tag = Tag(name);
        if (DeviceMemory.TotalBytes(device) is not { } total)
            return;
        _meter.CreateObservableGauge(
            "lora_recycle.device.memory.total",
            () => new Measurement<long>(total, tag),
            "By",
            "Total memory of the device."
        );
        _meter.CreateObservableGauge(
            "lora_recycle.device.memory.used",
            () => new Measurement<long>(DeviceMemory.UsedBytes(device) ?? 0, tag),
            "By",
            "Memory in use on the device, by this service and others."
        );
    }

    /// <param name="waiting">Images admitted and not yet in a forward pass.</param>
    public void ObserveQueue(Func<int> waiting)
    {
        _meter.CreateObservableGauge("lora_recycle.queue.images", waiting, "{image}", "Images waiting for a device.");
        _meter.CreateObservableGauge(
            "lora_recycle.tensors",
            () => LiveTensors.Count,
            "{tensor}",
            "Tensors not freed yet; a number that keeps growing is a leak."
        );
    }

    /// <param name="devices">Those that serve.</param>
    public void ObserveDevices(Func<IReadOnlyList<ModelThread>> devices)
    {
        _meter.CreateObservableGauge(
            "lora_recycle.device.up",
            () => devices().Select(device => new Measurement<int>(device.State == DeviceState.Ready ? 1 : 0, Tag(device.Name))),
            description: "1 while the device takes images; 0 while it loads, fails, hangs or is lost."
        );
        _meter.CreateObservableGauge(
            "lora_recycle.meta_loras.loaded",
            () => devices().Select(device => new Measurement<int>(device.Adapters.Count, Tag(device.Name))),
            "{model}",
            "Meta-LoRAs merged and in memory; the bare model is not counted."
        );
    }

    private static KeyValuePair<string, object?> Tag(string device) => new("device", device);
}
