using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>
/// The files that a LoRA is made of. What a client calls a file only chooses among these names, and is never part of a path.
/// </summary>
internal static class LoraFiles
{
    /// <summary>The single file of the paper's code, which may have any name, under the one that it is stored by.</summary>
    public const string Paper = "lora.safetensors";

    private const string TensorsSuffix = ".safetensors";
    private const int NameShown = 120;

    /// <summary>Files that are commonly beside those of a LoRA and say nothing that is needed.</summary>
    public static IReadOnlyList<string> PassedOver { get; } = ["README.md", RunFile.Name];

    // What training, the hub and people leave beside the files of a LoRA. Nothing of it is read.
    private static readonly string[] BesideIt =
    [
        ".md", ".txt", ".json", ".yaml", ".yml", ".csv", ".log", ".jinja", ".bin", ".pt", ".pth", ".model", ".py", ".ipynb", ".png", ".jpg",
        ".jpeg", ".gif", ".webp", ".svg", ".pdf",
    ];

    private static readonly string[] NamesBesideIt =
        ["README", "LICENSE", "LICENCE", "NOTICE", "events.out.tfevents", "Thumbs.db", "desktop.ini"];

    /// <summary>What a file of an archive is stored as; null for one that archives commonly hold as well, which is passed over.</summary>
    /// <exception cref="ProblemException">The name is that of no such file, or leads out of its archive.</exception>
    public static string? StoredNameInArchive(string name)
    {
        RequireSafe(name);
        var segments = name.Split('/');
        var last = segments[^1];
        if (segments[0] == "__MACOSX" || segments.Any(segment => segment[0] == '.'))
            return null;
        return
            AdapterFiles.Names.Contains(last, StringComparer.Ordinal)
            || (
                !BesideIt.Contains(Path.GetExtension(last), StringComparer.OrdinalIgnoreCase)
                && !NamesBesideIt.Any(start => last.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            )
            ? StoredName(name)
            : null;
    }

    /// <summary>What a file is stored as, told from the last part of its name; null for one that is passed over.</summary>
    /// <exception cref="ProblemException">The name is that of no file of a LoRA, or leads out of its archive.</exception>
    public static string? StoredName(string name)
    {
        RequireSafe(name);
        var last = name[(name.LastIndexOf('/') + 1)..];
        if (AdapterFiles.Names.Contains(last, StringComparer.Ordinal))
            return last;
        if (PassedOver.Contains(last, StringComparer.Ordinal))
            return null;
        return last.EndsWith(TensorsSuffix, StringComparison.OrdinalIgnoreCase) && last[0] != '.'
            ? Paper
            : throw new ProblemException(
                LoraProblems.UnexpectedFile,
                $"Expected {string.Join(", ", AdapterFiles.Names)}, or one {TensorsSuffix} file as the paper's code writes it; "
                    + "found another file.",
                Shown(name)
            );
    }

    private static void RequireSafe(string name)
    {
        var segments = name.Split('/');
        if (segments.Any(segment => segment is "" or "." or "..") || name.AsSpan().ContainsAny('\\', ':') || name.Any(char.IsControl))
            throw new ProblemException(
                LoraProblems.UnsafeFileName,
                "Expected a plain name such as adapter_config.json, or a file in a folder of the archive; found a name that is "
                    + "absolute, leads out of the archive, or has invalid characters.",
                Shown(name)
            );
    }

    /// <summary>Whether files make a LoRA, before one of them is looked into.</summary>
    /// <exception cref="ProblemException">One is missing, or they belong to different layouts.</exception>
    public static void RequireWhole(IReadOnlyCollection<string> names)
    {
        if (names.Contains(Paper))
        {
            if (names.FirstOrDefault(name => name != Paper) is { } other)
                throw new ProblemException(
                    LoraProblems.UnexpectedFile,
                    $"Expected a single {TensorsSuffix} file as the paper's code writes it, or PEFT's files; found both.",
                    other
                );
            return;
        }
        Require(AdapterFiles.TensorsName, "the weights as PEFT's save_pretrained writes them");
        Require(AdapterConfig.FileName, "the settings as PEFT's save_pretrained writes them");

        void Require(string name, string what)
        {
            if (!names.Contains(name))
                throw new ProblemException(LoraProblems.Incomplete, $"Expected {name}, {what}; the file is missing.", name);
        }
    }

    /// <summary>A name from a client, fit for an answer.</summary>
    public static string Shown(string name)
    {
        var plain = string.Concat(name.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
        return plain.Length <= NameShown ? plain : $"{plain[..NameShown]}...";
    }
}
