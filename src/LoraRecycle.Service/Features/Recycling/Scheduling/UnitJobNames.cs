using Quartz.Simpl;

namespace LoraRecycle.Service.Features.Recycling.Scheduling;

/// <summary>
/// Finds the type of a scheduled unit by the name that the database has. A server that was updated goes on with what an
/// earlier version scheduled, under whatever namespace that version had the type.
/// </summary>
internal sealed class UnitJobNames : SimpleTypeLoadHelper
{
    public override Type? LoadType(string? name) =>
        name?.Split(',')[0].EndsWith($".{nameof(UnitJob)}", StringComparison.Ordinal) == true ? typeof(UnitJob) : base.LoadType(name);
}
