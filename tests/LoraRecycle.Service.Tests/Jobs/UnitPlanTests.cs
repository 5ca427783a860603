using LoraRecycle.Service.Features.Recycling.Requests;

namespace LoraRecycle.Service.Tests.Jobs;

public sealed class UnitPlanTests
{
    [Fact]
    public void Only_loras_of_as_many_classes_share_a_batch_in_the_order_in_which_they_came()
    {
        var batches = UnitPlan.Batches([5, 5, 3, 5, 3, 5, 5], together: 3);

        Assert.Equal([[0, 1, 3], [5, 6], [2, 4]], batches);
    }
}
