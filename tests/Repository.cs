using System.Runtime.CompilerServices;

namespace LoraRecycle.Tests;

/// <summary>Finds files of the checkout (models, samples, fixtures) from wherever the tests run.</summary>
internal static class Repository
{
    /// <summary>The checkout's root: <c>LORA_RECYCLE_ROOT</c> when set (a published test run), else the folder of the solution
    /// file.</summary>
    public static string Root { get; } = Environment.GetEnvironmentVariable("LORA_RECYCLE_ROOT") ?? FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(thisFile)! })
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "LoraRecycle.Service.sln")))
                    return folder.FullName;
        throw new DirectoryNotFoundException(
            $"No LoraRecycle.Service.sln above {AppContext.BaseDirectory}; set LORA_RECYCLE_ROOT to the checkout.");
    }
}
