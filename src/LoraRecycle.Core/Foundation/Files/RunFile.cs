using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace LoraRecycle.Core.Foundation.Files;

/// <summary>The <c>run.json</c> beside what a run made: what it was made of, with which settings, and how it went.</summary>
public static class RunFile
{
    public const string Name = "run.json";

    /// <summary>Writes one into a directory that is still being made.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write<T>(string directory, T report, JsonTypeInfo<T> json) =>
        File.WriteAllBytes(Path.Combine(directory, Name), JsonSerializer.SerializeToUtf8Bytes(report, json));
}
