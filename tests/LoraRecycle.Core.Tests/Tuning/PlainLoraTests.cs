using LoraRecycle.Core.Adapters.Families.Lora;

namespace LoraRecycle.Core.Tests.Tuning;

/// <summary>Plain LoRA as it was before a tuner had parts that can be exchanged.</summary>
public sealed class PlainLoraTests
{
    [Fact]
    public void Plain_lora_takes_the_steps_that_it_took_before_there_were_others()
    {
        using var model = ToyTask.Model();
        using var images = ToyTask.Images(model, each: 6, seed: 1);

        using var tuned = ToyTask.Tune(model, images, ToyTask.Settings with { Steps = 10, Seed = 1 });

        // Of the program before; the last bits are the processor's.
        double[] losses = [1.1817755, 1.0587325, 1.0832330, 1.0883895, 1.0411060, 1.0370272, 0.9311981, 0.8742337, 0.8259797, 0.7786435];
        float[] row = [0.0237758f, 0.050176322f, -0.046965845f, 0.0478426f, -0.028933445f, -0.049972005f, 0.049393956f, -0.04892954f];
        Assert.All(losses.Zip(tuned.Losses), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        var b = ((LoraLayer)tuned.Adapter.Layers["layers.2.v"]).B.detach().flatten().narrow(0, 0, 8).data<float>().ToArray();
        Assert.All(row.Zip(b), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        Assert.Equal((0, 0), (tuned.Lost, tuned.Shares.Count));
    }
}
