using System.Security.Cryptography;

namespace LoraRecycle.EndToEnd;

/// <summary>The uploaded LoRAs as they lie in the data directory, looked at without the service.</summary>
internal static class MarketOnDisk
{
    // In the order in which docs/api.md says that they are hashed; a LoRA has PEFT's files or the paper's.
    private static readonly string[] Hashed =
    [
        "adapter_config.json",
        "adapter_model.safetensors",
        "head.safetensors",
        "classes.json",
        "lora.safetensors",
    ];

    /// <summary>The ids of those that are there.</summary>
    public static IReadOnlyList<string> Ids(string data) => Path.Combine(data, "loras") is var folder && Directory.Exists(folder)
        ? [.. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Fails unless each folder holds just what its name says.</summary>
    public static void AssertWhole(string data)
    {
        foreach (var id in Ids(data))
            Assert.Equal(id, IdOf(Path.Combine(data, "loras", id)));
    }

    /// <summary>SHA-256 over those of the files.</summary>
    public static string IdOf(string folder) =>
        Convert.ToHexStringLower(
            SHA256.HashData([
                .. Hashed
                    .Select(name => Path.Combine(folder, name))
                    .Where(File.Exists)
                    .SelectMany(path => SHA256.HashData(File.ReadAllBytes(path))),
            ])
        );

    /// <summary>What uploads and deletions have not put away, but for the locks of those under way.</summary>
    public static IReadOnlyList<string> Leftovers(string data) =>
        Path.Combine(data, "uploads") is var folder && Directory.Exists(folder) ? [.. Directory.GetFileSystemEntries(folder)] : [];
}
