using System.ComponentModel.DataAnnotations;
using LoraRecycle.Core.Hub;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Serving.Configuration;

/// <summary>Where the foundation models are, and which one serves.</summary>
public sealed class ModelsOptions
{
    public const string Section = "Models";

    private (string Name, string Snapshot)? _fetched;

    /// <summary>
    /// The folder with one Hugging Face directory a model. A relative one is looked for in the working directory, then in
    /// the application's directory and the folders above it, so that a build inside the checkout finds the shipped models; one
    /// that has the model goes before one that has not, since many a working directory has a folder of this name.
    /// </summary>
    [Required]
    public string Directory { get; set; } = "models";

    /// <summary>The directory, inside <see cref="Directory"/>, of the model that serves; or ORG/NAME of one that was fetched from the
    /// Hugging Face Hub, where there is no such directory.</summary>
    [Required]
    public string Default { get; set; } = "vit-s-12-96";

    /// <summary>
    /// The folder with one PEFT directory a meta-LoRA. Looked for as <see cref="Directory"/> is; when it is not set, it is
    /// <c>meta-loras</c> inside of that, which need not be there.
    /// </summary>
    public string? MetaLoras { get; set; }

    /// <summary>
    /// The id of the meta-LoRA that is active at the start, or <c>none</c> for the bare model. When it is not set, it is
    /// <c>default</c> where there is one that was made for the model that serves.
    /// </summary>
    public string? MetaLora { get; set; }

    /// <summary>Most models with a meta-LoRA that are in memory beside the bare one; each takes as much as the model.</summary>
    [Range(1, 1_000)]
    public int MaxLoaded { get; set; } = 2;

    /// <summary>The folder of the models as a full path; null when it is nowhere.</summary>
    public string? FindDirectory() =>
        Candidates(Directory).FirstOrDefault(folder => File.Exists(Path.Combine(folder, Default, "config.json"))) ?? Find(Directory);

    /// <summary>The directory of the model that serves; null when there is no folder of models. Of a model that was fetched it stays the
    /// same, though another revision may be fetched meanwhile.</summary>
    public string? FindModel()
    {
        var beside = FindDirectory() is { } directory ? Path.Combine(directory, Default) : null;
        if (beside is not null && File.Exists(Path.Combine(beside, "config.json"))) return beside;
        _fetched = _fetched is { } known && known.Name == Default ? known
            : HubCache.FromEnvironment().FindModel(Default) is { } snapshot ? (Default, snapshot)
            : null;
        return _fetched?.Snapshot ?? beside;
    }

    /// <summary>The folder of the meta-LoRAs as a full path; null when it is nowhere.</summary>
    public string? FindMetaLoras()
    {
        if (!string.IsNullOrEmpty(MetaLoras))
            return Find(MetaLoras);
        return FindDirectory() is { } models && Path.Combine(models, "meta-loras") is var beside && System.IO.Directory.Exists(beside)
            ? beside
            : null;
    }

    internal static string? Find(string directory) => Candidates(directory).FirstOrDefault();

    private static IEnumerable<string> Candidates(string directory)
    {
        if (System.IO.Directory.Exists(directory))
            yield return Path.GetFullPath(directory);
        if (Path.IsPathRooted(directory))
            yield break;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, directory) is var candidate && System.IO.Directory.Exists(candidate))
                yield return candidate;
    }
}

/// <summary>The model that serves must be there; whether it can be read is found out when it is loaded.</summary>
internal sealed class ModelsExist : IValidateOptions<ModelsOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        if (options.FindModel() is { } model && File.Exists(Path.Combine(model, "config.json")))
            return ValidateOptionsResult.Success;
        if (options.FindDirectory() is not { } directory)
            return ValidateOptionsResult.Fail(
                $"Models:Directory: No such folder in {Environment.CurrentDirectory}, or above {AppContext.BaseDirectory}. Found "
                    + $"'{options.Directory}'."
            );
        return ValidateOptionsResult.Fail(
            $"Models:Default: {Path.Combine(directory, options.Default, "config.json")} does not exist."
                + $"{HubCache.FromEnvironment().Advice(options.Default)} Found '{options.Default}'."
        );
    }
}
