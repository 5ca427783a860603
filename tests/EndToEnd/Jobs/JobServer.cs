using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Jobs;

/// <summary>The real program with the tiny model and settings that make jobs small, on a data directory that outlives it.</summary>
internal static class JobServer
{
    /// <summary>Iterations enough to be interrupted in, each of which is reported and saved.</summary>
    public const int Long = 400;

    public static async Task<ServedProcess> StartAsync(string data, params string[] settings)
    {
        await TinyMarket.EnsureAsync();
        return await ServedProcess.StartAsync([
            $"--Models:Directory={TinyModel.Models}",
            $"--Models:Default={TinyModel.Name}",
            "--Models:MetaLora=none",
            $"--Storage:Directory={data}",
            "--Serving:Device=cpu",
            "--Serving:Threads=1",
            "--Jobs:Devices:0=cpu",
            "--Jobs:Threads=1",
            "--Jobs:Prior=none",
            "--Jobs:DeviceShare=1",
            "--Jobs:RetryDelay=00:00:00.1",
            .. settings,
        ]);
    }

    /// <summary>A request for a small job.</summary>
    public static Dictionary<string, object> Request(string[] loras, string name, int iterations = 4) =>
        new()
        {
            ["loras"] = loras,
            ["name"] = name,
            ["seed"] = 5,
            ["together"] = 1,
            ["inversion"] = new
            {
                iterations,
                imagesPerClass = 2,
                reportEvery = 1,
                checkpointEvery = 1,
            },
            ["distillation"] = new
            {
                iterations = 4,
                reportEvery = 1,
                checkpointEvery = 1,
                episodesPerStep = 1,
                queries = 1,
                rank = 2,
                interpolationWays = 3,
            },
        };

    /// <summary>The weights of a meta-LoRA that a job made.</summary>
    public static byte[] Weights(string data, string metaLora) =>
        File.ReadAllBytes(Path.Combine(data, "meta-loras", metaLora, "adapter_model.safetensors"));
}
