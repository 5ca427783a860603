namespace LoraRecycle.Service.Features.Recycling.Settings;

/// <summary>What a process does.</summary>
public enum JobRole
{
    /// <summary>Answers requests and works on jobs.</summary>
    All,

    /// <summary>Answers requests, and leaves jobs to workers.</summary>
    Api,

    /// <summary>Works on jobs; of the API it has health and metrics only.</summary>
    Worker,
}

internal static class JobRoles
{
    /// <summary>The role that the settings give, before they are checked: one that is none is reported then.</summary>
    public static JobRole Of(IConfiguration configuration) =>
        Enum.TryParse<JobRole>(configuration[$"{JobsOptions.Section}:{nameof(JobsOptions.Role)}"], ignoreCase: true, out var role)
            ? role
            : JobRole.All;
}
