using System.ComponentModel.DataAnnotations;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Settings;

/// <summary>How recycling jobs are worked on.</summary>
public sealed class JobsOptions
{
    public const string Section = "Jobs";

    internal const string None = "none";

    /// <summary>What this process does; all but <see cref="JobRole.All"/> need a database that processes share.</summary>
    [EnumDataType(typeof(JobRole))]
    public JobRole Role { get; set; } = JobRole.All;

    /// <summary>The devices of this worker, each of which works on one unit at a time.</summary>
    [MinLength(1)]
    public string[] Devices { get; set; } = ["auto"];

    /// <summary>Threads of a unit on the CPU; 0 takes every processor. Results are the same to the last bit only between workers with the
    /// same number.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>
    /// The most of a device's time that jobs take while requests come, over 0 and up to 1. When it is not set, it is a half
    /// where this process also answers, and all of it in a worker.
    /// </summary>
    [Range(0.01, 1)]
    public double? DeviceShare { get; set; }

    /// <summary>Most LoRAs that are inverted in one batch, unless a request says how many.</summary>
    [Range(1, 64)]
    public int LorasPerUnit { get; set; } = 4;

    /// <summary>How often a unit is started before its job fails.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>How long a unit that failed waits for its next attempt; twice as long each time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The least time between two checkpoints of a LoRA that is tuned: what a worker's death may cost.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan TuningCheckpoint { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long nothing may be heard of a worker before its units are given to others.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "01:00:00")]
    public TimeSpan WorkerTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Most jobs that are queued or running at once; a request beyond it is refused with 503.</summary>
    [Range(1, 100_000)]
    public int MaxActive { get; set; } = 100;

    /// <summary>
    /// The network of R_BN: safetensors of a ResNet with torchvision's names, or <c>none</c>. When it is not set, it is <c>resnet18-96</c>
    /// in the folder of the models, which need not be there.
    /// </summary>
    public string? Prior { get; set; }

    /// <summary>
    /// The folder with the data sets that a meta-LoRA may be evaluated on, each a ZIP or a folder of class folders, and
    /// perhaps <c>splits.json</c>. Looked for as <c>Models:Directory</c> is; it need not be there.
    /// </summary>
    [Required]
    public string DataSets { get; set; } = "data";
}

/// <summary>The settings that must fit one another.</summary>
internal sealed class JobsArePossible(IOptions<StateOptions> state) : IValidateOptions<JobsOptions>
{
    public ValidateOptionsResult Validate(string? name, JobsOptions options)
    {
        var failures = new List<string>();
        foreach (var device in options.Devices.Where(device => !DeviceName.IsValid(device)))
            failures.Add($"Jobs:Devices: Expected {DeviceName.Expected}. Found '{device}'.");
        if (options.Role != JobRole.All && Shares() is false)
            failures.Add(
                $"Jobs:Role: Separate processes need a shared database: State:Provider={StateOptions.PostgreSql}. Found "
                    + $"'{options.Role.ToString().ToLowerInvariant()}'."
            );
        if (!string.IsNullOrEmpty(options.Prior) && options.Prior != JobsOptions.None && !Path.Exists(options.Prior))
            failures.Add(
                $"Jobs:Prior: Expected the safetensors file of a ResNet, or {JobsOptions.None}; {Path.GetFullPath(options.Prior)} does "
                    + $"not exist. Found '{options.Prior}'."
            );
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <returns>Null where that is wrong by itself, and reported as such.</returns>
    private bool? Shares()
    {
        try
        {
            return state.Value.Provider == StateOptions.PostgreSql;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }
}
