using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace LoraRecycle.Torch.Tests.optim;

public class SchedulerTests
{
    private const double Initial = 0.2;

    [Fact]
    public void Lambda_multiplies_the_initial_rate() =>
        Follows(optimizer => lr_scheduler.LambdaLR(optimizer, epoch => 1.0 / (epoch + 1)), epoch => Initial / (epoch + 1));

    [Fact]
    public void Step_decays_every_few_epochs() =>
        Follows(optimizer => lr_scheduler.StepLR(optimizer, 3, 0.5), epoch => Initial * Math.Pow(0.5, epoch / 3));

    [Fact]
    public void Linear_warms_up_and_then_stays() =>
        Follows(optimizer => lr_scheduler.LinearLR(optimizer, 0.1, 1, 4), epoch => Initial * (0.1 + (0.9 * Math.Min(epoch, 4) / 4)));

    [Fact]
    public void Cosine_falls_by_half_a_wave() =>
        Follows(optimizer => lr_scheduler.CosineAnnealingLR(optimizer, 8, 0.05), epoch => 0.05 + ((Initial - 0.05) * (1 + Math.Cos(Math.PI * epoch / 8)) / 2));

    /// <summary>The rate that the optimiser has at each epoch.</summary>
    private static void Follows(Func<Optimizer, lr_scheduler.LRScheduler> make, Func<int, double> expected)
    {
        using var weight = new Parameter(ones([1]));
        using var optimizer = Adam([weight], Initial);
        var scheduler = make(optimizer);
        for (var epoch = 0; epoch <= 8; epoch++)
        {
            Assert.Equal(expected(epoch), optimizer.ParamGroups.Single().LearningRate, 12);
            Assert.Equal(expected(epoch), scheduler.get_last_lr().Single(), 12);
            scheduler.step();
        }
    }
}
