using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Options;

/// <summary>Finds the adapter that a command line names: by its path, or by the id of a meta-LoRA.</summary>
internal static class AdapterPath
{
    /// <param name="given">What the command line says.</param>
    /// <param name="metaLoras">The folder of the meta-LoRAs, which need not be there.</param>
    /// <param name="option">The option that says it.</param>
    /// <exception cref="UsageException">There is neither such a path nor such an id.</exception>
    public static string Find(string given, string metaLoras, string option = "--adapter")
    {
        if (Path.Exists(given))
            return given;
        if (given.Length > 0 && given == Path.GetFileName(given) && Path.Combine(metaLoras, given) is var named && Directory.Exists(named))
            return named;
        string[] ids = Directory.Exists(metaLoras)
            ? [.. Directory.GetDirectories(metaLoras).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
            : [];
        throw new UsageException(
            $"{option} {given}: no adapter at this path, and no meta-LoRA with this id in {metaLoras}, which has "
                + $"{(ids.Length == 0 ? "none" : string.Join(", ", ids))}."
        );
    }
}
