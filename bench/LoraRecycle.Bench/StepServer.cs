using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Core.Foundation.Devices;
using static TorchSharp.torch;

namespace LoraRecycle.Bench;

/// <summary>
/// What the contestants of <c>bench/method.py</c> have in common: they stay alive and answer lines on standard input.
/// "CONFIGURATION SECONDS" is answered with seconds a step and bytes of device memory at most; "check CONFIGURATION FILE"
/// with the loss, after the gradient went to the file as raw float32; "follow CONFIGURATION FILE" with the loss of each of
/// <see cref="Followed"/> steps, after what they led to went to the file.
/// </summary>
internal static class StepServer
{
    private const int WarmUp = 3, Followed = 20;

    public static int Serve(IStepContestant contestant, StepOptions options)
    {
        var onGpu = options.Device.type == TorchSharp.DeviceType.CUDA;
        string? current = null;
        Console.WriteLine("ready");
        while (Console.ReadLine()?.Split(' ') is { Length: > 1 } words)
        {
            if (words[0] == "check")
            {
                Console.WriteLine(contestant.Check(words[1], words[2]).ToString("R", CultureInfo.InvariantCulture));
                continue;
            }
            if (words[0] == "follow")
            {
                contestant.Prepare(current = words[1]);
                var losses = Enumerable.Range(0, Followed).Select(_ => contestant.Step(readLoss: true)).ToArray();
                contestant.Save(words[2]);
                Console.WriteLine(string.Join(' ', losses.Select(loss => loss.ToString("R", CultureInfo.InvariantCulture))));
                continue;
            }
            if (words[0] != current)
            {
                contestant.Prepare(current = words[0]);
                _ = DeviceMemory.PeakBytes(options.Device, reset: true);
                for (var i = 0; i < WarmUp; i++) contestant.Step();
            }
            var seconds = double.Parse(words[1], CultureInfo.InvariantCulture);
            if (onGpu) cuda.synchronize(options.Device);
            var clock = Stopwatch.StartNew();
            var steps = 0;
            while (steps == 0 || clock.Elapsed.TotalSeconds < seconds)
            {
                for (var i = 0; i < (onGpu ? 5 : 1); i++, steps++) contestant.Step();
                if (onGpu) cuda.synchronize(options.Device);
            }
            var perStep = clock.Elapsed.TotalSeconds / steps;
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{perStep:R} {DeviceMemory.PeakBytes(options.Device, reset: false) ?? 0}")
            );
        }
        return 0;
    }
}

/// <summary>One of the method's two steps, ready to be measured.</summary>
internal interface IStepContestant
{
    /// <summary>Makes a configuration ready; what an earlier one held is let go.</summary>
    void Prepare(string configuration);

    /// <returns>The loss where it is to be read, for which the device is waited for.</returns>
    double Step(bool readLoss = false);

    /// <summary>Writes a gradient to a file and returns the loss.</summary>
    double Check(string configuration, string path);

    /// <summary>Writes what the steps have changed to a file, as raw float32.</summary>
    void Save(string path);
}
