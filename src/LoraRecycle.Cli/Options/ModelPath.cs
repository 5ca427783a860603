using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Hub;

namespace LoraRecycle.Cli.Options;

/// <summary>Finds the model that a command line names: by its directory, or by its name on the Hugging Face Hub once it was fetched.
/// </summary>
internal static class ModelPath
{
    /// <param name="given">What the command line says. A directory of this name goes before a repository.</param>
    /// <exception cref="UsageException">It is the name of a repository that was not fetched.</exception>
    public static string Find(string given)
    {
        if (Directory.Exists(given)) return given;
        var cache = HubCache.FromEnvironment();
        return cache.FindModel(given)
            ?? (cache.Advice(given) is { Length: > 0 } advice
                ? throw new UsageException($"--model {given}: no directory of this name.{advice}")
                : given);
    }
}
