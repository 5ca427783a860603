using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Configuration;

/// <summary>Where the service keeps what it is given.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>The data directory, made when it is first needed. A relative one is inside the application's directory.</summary>
    [Required]
    public string Directory { get; set; } = "var";

    /// <summary>The data directory as a full path.</summary>
    public string FullPath => Path.GetFullPath(Directory, AppContext.BaseDirectory);
}

/// <summary>The data directory need not be there, but nothing else may be in its place.</summary>
internal sealed class StorageIsPossible : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options) => File.Exists(options.FullPath)
        ? ValidateOptionsResult.Fail($"Storage:Directory: Expected a directory, or none yet; {options.FullPath} is a file. It is '{options.Directory}'.")
        : ValidateOptionsResult.Success;
}
