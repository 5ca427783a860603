using LoraRecycle.Service.Features.Recycling.Scheduling;

namespace LoraRecycle.Service.Tests.Jobs;

/// <summary>The database keeps the name of the type that runs a unit, and outlives the place of that type in the code.</summary>
public sealed class UnitJobNamesTests
{
    private readonly UnitJobNames _names = new();

    [Theory]
    [InlineData("LoraRecycle.Service.Jobs.Scheduling.UnitJob, LoraRecycle.Service")] // 2026-11
    [InlineData("LoraRecycle.Service.Features.Recycling.Scheduling.UnitJob, LoraRecycle.Service")]
    public void A_unit_that_an_earlier_version_scheduled_is_found(string name) => Assert.Equal(typeof(UnitJob), _names.LoadType(name));

    [Fact]
    public void Other_types_are_found_as_quartz_finds_them() =>
        Assert.Equal(typeof(UnitJobNamesTests), _names.LoadType(typeof(UnitJobNamesTests).AssemblyQualifiedName));
}
