using System.ComponentModel.DataAnnotations;
using LoraRecycle.Core.Markets;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>What a LoRA that is uploaded may take, and where the shipped ones are.</summary>
public sealed class LoraOptions
{
    public const string Section = "Loras";

    internal const string NoMarket = "none";

    /// <summary>
    /// The folder of a market whose LoRAs are listed beside the uploaded ones and never changed. When it is not set, it is
    /// <c>market</c> in the folder of the models, which need not be there; <c>none</c> lists none.
    /// </summary>
    public string? Market { get; set; }

    /// <summary>Most bytes of the body of an upload.</summary>
    [Range(1024, 16L << 30)]
    public long UploadBytes { get; set; } = 256L << 20;

    /// <summary>Most bytes of a LoRA's files together, unpacked.</summary>
    [Range(1024, 16L << 30)]
    public long UnpackedBytes { get; set; } = 512L << 20;

    /// <summary>Most entries of a zip archive.</summary>
    [Range(1, 60_000)]
    public int ZipEntries { get; set; } = 64;

    /// <summary>How many times its own size a zip archive of more than a mebibyte may unpack to.</summary>
    [Range(1, 1_000)]
    public int ExpansionRatio { get; set; } = 20;

    /// <summary>Most characters of a name.</summary>
    [Range(1, 1_000)]
    public int NameLength { get; set; } = 100;

    /// <summary>Most LoRAs that are kept of those that were uploaded.</summary>
    [Range(1, 1_000_000)]
    public int QuotaCount { get; set; } = 10_000;

    /// <summary>Most bytes that they may take together.</summary>
    [Range(1024, 1L << 50)]
    public long QuotaBytes { get; set; } = 20L << 30;

    /// <summary>The folder of the shipped market as a full path; null when there is none.</summary>
    public string? FindMarket(ModelsOptions models) => Market == NoMarket ? null
        : !string.IsNullOrEmpty(Market) ? Path.GetFullPath(Market)
        : models.FindDirectory() is { } directory && Path.Combine(directory, "market") is var shipped && Directory.Exists(shipped) ? shipped
        : null;
}

/// <summary>A market that the settings name must be one.</summary>
internal sealed class NamedMarketExists : IValidateOptions<LoraOptions>
{
    public ValidateOptionsResult Validate(string? name, LoraOptions options) =>
        string.IsNullOrEmpty(options.Market)
        || options.Market == LoraOptions.NoMarket
        || File.Exists(Path.Combine(Path.GetFullPath(options.Market), Market.FileName))
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Loras:Market: {Path.Combine(Path.GetFullPath(options.Market), Market.FileName)} does not exist. Found '{options.Market}'."
            );
}
