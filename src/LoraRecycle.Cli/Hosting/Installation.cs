using LoraRecycle.Core.Hub;

namespace LoraRecycle.Cli.Hosting;

/// <summary>Where the models and samples that ship with the program are.</summary>
internal static class Installation
{
    /// <summary><c>LORA_RECYCLE_ROOT</c> when set (by <c>./run</c>, or in a container), else the nearest folder above the program that has
    /// models, else the current one.</summary>
    public static string Root { get; } = FindRoot();

    public static string DefaultModel => Path.Combine(Root, "models", "vit-s-12-96");

    /// <summary>Where the meta-LoRAs of a model are: where the service looks for them, too. Of one that was fetched from the hub, beside
    /// the models that ship.</summary>
    public static string MetaLorasOf(string model) =>
        HubCache.IsSnapshot(model)
            ? Path.Combine(Root, "models", "meta-loras")
            : Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model))) ?? Root, "meta-loras");

    public static string DefaultPrior => Path.Combine(Root, "models", "resnet18-96");

    public static string Samples => Path.Combine(Root, "samples");

    private static string FindRoot()
    {
        if (Environment.GetEnvironmentVariable("LORA_RECYCLE_ROOT") is { Length: > 0 } root)
            return root;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "models")) && Directory.Exists(Path.Combine(folder.FullName, "samples")))
                return folder.FullName;
        return Environment.CurrentDirectory;
    }
}
