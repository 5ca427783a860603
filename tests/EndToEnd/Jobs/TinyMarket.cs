using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Jobs;

/// <summary>LoRAs of two classes for the tiny model, where a server of it looks for those that ship.</summary>
internal static class TinyMarket
{
    private const int Loras = 4;

    private static readonly Lazy<Task> Made = new(MakeAsync);

    /// <summary>Builds it, the first time.</summary>
    public static Task EnsureAsync() => Made.Value;

    private static async Task MakeAsync()
    {
        var (code, _, error) = await CommandLineProcess.RunAsync(
            "env",
            "DOTNET_PROCESSOR_COUNT=1",
            CommandLineProcess.Program,
            "market",
            "build",
            "--data",
            Repository.PathOf("samples"),
            "--out",
            Path.Combine(TinyModel.Models, "market"),
            "--loras",
            $"{Loras}",
            "--ways",
            "2",
            "--ranks",
            "2,4",
            "--steps",
            "1",
            "--batch",
            "2",
            "--model",
            TinyModel.Directory,
            "--device",
            "cpu"
        );
        Assert.Equal((0, ""), (code, error));
    }
}
