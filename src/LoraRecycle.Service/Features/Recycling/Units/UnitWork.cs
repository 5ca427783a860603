using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using TorchSharp;

namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>One start of a unit: what to do, on which device, and where its files go.</summary>
/// <param name="Claim">The right to do it.</param>
/// <param name="Units">All units of the job, as they were at the start.</param>
/// <param name="Device">Where to compute.</param>
/// <param name="Folder">For this start alone; holds what the last one left.</param>
/// <param name="Pace">Lets requests get at the device; called between iterations.</param>
internal sealed record UnitTask(
    UnitClaim Claim,
    IReadOnlyList<RecycleUnit> Units,
    torch.Device Device,
    string Folder,
    Action<CancellationToken> Pace
)
{
    public RecycleSettings Settings => Claim.Job.Settings;

    /// <summary>In what the frozen model computes: the same in all stages, and the same as of the command line.</summary>
    public torch.ScalarType Precision => Device.type == DeviceType.CUDA ? torch.bfloat16 : torch.float32;
}

/// <summary>What a kind of unit does.</summary>
internal interface IUnitWork
{
    UnitKind Kind { get; }

    /// <summary>Does it, or goes on where the folder's checkpoints say; on a thread of its own.</summary>
    /// <param name="task">What to do.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it after a last checkpoint.</param>
    UnitResult Run(UnitTask task, Action<UnitProgress> progress, CancellationToken cancellation);
}

/// <summary>Another attempt would fail in the same way.</summary>
internal sealed class LastingFailureException(string message, Exception? cause = null) : Exception(message, cause);
