using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Hub;

namespace LoraRecycle.Cli.Options;

/// <summary>Finds the adapter that a command line names: by its path, by the id of a meta-LoRA, or by its name on the Hugging
/// Face Hub once it was fetched.</summary>
internal static class AdapterPath
{
    /// <param name="given">What the command line says.</param>
    /// <param name="metaLoras">The folder of the meta-LoRAs, which need not be there.</param>
    /// <param name="option">The option that says it.</param>
    /// <exception cref="UsageException">There is neither such a path nor such an id, and it was not fetched.</exception>
    public static string Find(string given, string metaLoras, string option = "--adapter")
    {
        if (Path.Exists(given))
            return given;
        if (given.Length > 0 && given == Path.GetFileName(given) && Path.Combine(metaLoras, given) is var named && Directory.Exists(named))
            return named;
        var cache = HubCache.FromEnvironment();
        if (cache.FindAdapter(given) is { } fetched)
            return fetched;
        string[] ids = Directory.Exists(metaLoras)
            ? [.. Directory.GetDirectories(metaLoras).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
            : [];
        throw new UsageException(
            $"{option} {given}: no adapter at this path, and no meta-LoRA with this id in {metaLoras}, which has "
                + $"{(ids.Length == 0 ? "none" : string.Join(", ", ids))}.{cache.Advice(given)}"
        );
    }

    /// <summary>The same where no meta-LoRA can be meant.</summary>
    /// <exception cref="UsageException">There is no such path, and it was not fetched.</exception>
    public static string Find(string given)
    {
        if (Path.Exists(given))
            return given;
        var cache = HubCache.FromEnvironment();
        return cache.FindAdapter(given) ?? throw new UsageException($"no adapter at '{given}'.{cache.Advice(given)}");
    }
}
