using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>Where the service keeps what it is given and what it is told to remember.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>
    /// The data directory; made when something is first written to it. A relative one lies in <c>LORA_RECYCLE_ROOT</c> when
    /// that is set, else in the nearest folder above the application that has models, else in the working directory, so that
    /// the command line and the server mean the same one wherever they are started.
    /// </summary>
    [Required]
    public string Directory { get; set; } = "var";

    /// <summary>The data directory as a full path, which need not be there.</summary>
    public string FullPath => Path.GetFullPath(Path.Combine(Root(), Directory));

    private static string Root()
    {
        if (Environment.GetEnvironmentVariable("LORA_RECYCLE_ROOT") is { Length: > 0 } root)
            return root;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (System.IO.Directory.Exists(Path.Combine(folder.FullName, "models")))
                return folder.FullName;
        return Environment.CurrentDirectory;
    }
}

/// <summary>The data directory need not be there, but nothing else may be in its place.</summary>
internal sealed class StorageIsPossible : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options) =>
        File.Exists(options.FullPath)
            ? ValidateOptionsResult.Fail(
                $"Storage:Directory: Expected a directory, or a path that does not exist yet; {options.FullPath} is a file. Found "
                    + $"'{options.Directory}'."
            )
            : ValidateOptionsResult.Success;
}
