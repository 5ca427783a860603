using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Settings;

/// <summary>The network of R_BN that jobs invert with.</summary>
internal sealed class JobPrior(IOptions<JobsOptions> options, IOptions<ModelsOptions> models)
{
    private const string Shipped = "resnet18-96";

    /// <summary>A file or folder of safetensors; null for none.</summary>
    public string? Path { get; } =
        options.Value.Prior switch
        {
            JobsOptions.None => null,
            { Length: > 0 } path => System.IO.Path.GetFullPath(path),
            _ => models.Value.FindDirectory() is { } directory
            && System.IO.Path.Combine(directory, Shipped) is var shipped
            && System.IO.Path.Exists(shipped)
                ? shipped
                : null,
        };
}
