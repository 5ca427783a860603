using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Configuration;

/// <summary>Where the foundation models are, and which one serves.</summary>
public sealed class ModelsOptions
{
    public const string Section = "Models";

    /// <summary>
    /// The folder with one Hugging Face directory a model. A relative one is looked for in the working directory, then in
    /// the application's directory and the folders above it, so that a build inside the checkout finds the shipped models.
    /// </summary>
    [Required]
    public string Directory { get; set; } = "models";

    /// <summary>The directory, inside <see cref="Directory"/>, of the model that serves.</summary>
    [Required]
    public string Default { get; set; } = "vit-xs-8-64";

    /// <summary>The folder of the models as a full path; null when it is nowhere.</summary>
    public string? FindDirectory()
    {
        if (System.IO.Directory.Exists(Directory))
            return Path.GetFullPath(Directory);
        if (Path.IsPathRooted(Directory))
            return null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, Directory) is var candidate && System.IO.Directory.Exists(candidate))
                return candidate;
        return null;
    }
}

/// <summary>The model that serves must be there; whether it can be read is found out when it is loaded.</summary>
internal sealed class ModelsExist : IValidateOptions<ModelsOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelsOptions options)
    {
        if (options.FindDirectory() is not { } directory)
            return ValidateOptionsResult.Fail($"Models:Directory: No such folder in {Environment.CurrentDirectory}, or above {AppContext.BaseDirectory}. It is '{options.Directory}'.");
        if (!File.Exists(Path.Combine(directory, options.Default, "config.json")))
            return ValidateOptionsResult.Fail($"Models:Default: No {Path.Combine(directory, options.Default, "config.json")}. It is '{options.Default}'.");
        return ValidateOptionsResult.Success;
    }
}
