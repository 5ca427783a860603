using LoraRecycle.Service.Features.Recycling.Jobs;

namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>The right to work on a unit, until somebody starts it anew.</summary>
/// <param name="Job">The job as it was at the start.</param>
/// <param name="Unit">The unit as it was at the start.</param>
/// <param name="Fence">The number of this start.</param>
internal sealed record UnitClaim(RecycleJob Job, RecycleUnit Unit, long Fence);

/// <summary>What a heartbeat learns.</summary>
internal enum ClaimStatus
{
    Held,

    /// <summary>Somebody else has started the unit.</summary>
    Lost,

    /// <summary>The job does not need it any more.</summary>
    NotNeeded,
}

/// <summary>Where a unit is.</summary>
/// <param name="Iteration">Iterations done.</param>
/// <param name="Iterations">Iterations in all.</param>
/// <param name="Loss">The last loss; null where there is none.</param>
internal sealed record UnitProgress(long Iteration, long Iterations, double? Loss);
