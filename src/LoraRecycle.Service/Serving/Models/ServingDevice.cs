using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Service.Serving.Configuration;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>One of the devices that serve.</summary>
/// <param name="Name">What it is called in answers, metrics and logs: <c>cpu</c>, <c>cuda:0</c>; <c>cpu#2</c> for the second of one that
/// is listed twice.</param>
/// <param name="Device">What libtorch calls it.</param>
/// <param name="Threads">Threads of a forward pass on the CPU; 0 takes every processor.</param>
public sealed record ServingDevice(string Name, string Device, int Threads)
{
    public static IReadOnlyList<ServingDevice> Of(ServingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var names = Names(options.Device);
        var threads = options.Threads == 0 && names.Count > 1 ? Math.Max(1, Environment.ProcessorCount / names.Count) : options.Threads;
        return
        [
            .. names.Select(
                (device, index) => new ServingDevice(Numbered(device, names.Take(index).Count(before => before == device)), device, threads)
            ),
        ];
    }

    private static string Numbered(string device, int before) => before == 0 ? device : $"{device}#{before + 1}";

    private static IReadOnlyList<string> Names(string list)
    {
        try
        {
            return DeviceName.ParseList(list);
        }
        catch (Exception exception) when (exception is DeviceException or DllNotFoundException or TypeInitializationException)
        {
            return ["cpu"]; // without libtorch no device will load the model, and that is when the reason is told
        }
    }
}
