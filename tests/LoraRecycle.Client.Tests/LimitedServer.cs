using LoraRecycle.EndToEnd;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>The real program with a tiny model, which answers one request a second.</summary>
internal static class LimitedServer
{
    public static Task<ServedProcess> StartAsync() => ServedProcess.StartAsync(
        $"--Models:Directory={TinyModel.Models}",
        $"--Models:Default={TinyModel.Name}",
        "--RateLimits:RequestsPerMinute=60",
        "--RateLimits:Burst=1"
    );
}
