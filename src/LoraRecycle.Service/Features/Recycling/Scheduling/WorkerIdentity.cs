namespace LoraRecycle.Service.Features.Recycling.Scheduling;

/// <summary>What this process is called among workers.</summary>
internal sealed class WorkerIdentity
{
    /// <summary>Different for each start of a process, also where containers all have the same process number.</summary>
    public string Name { get; } = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
}
