namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>How a start of a unit ended.</summary>
internal enum UnitOutcome
{
    Done,
    Failed,
    Cancelled,

    /// <summary>Given back at a shutdown.</summary>
    Released,

    /// <summary>Somebody else had started the unit meanwhile.</summary>
    Lost,
}
