using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Method.Tuning.Updates;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning.Parts;

/// <summary>What is done to steps, against numbers that were worked out by hand.</summary>
public sealed class UpdateTests
{
    [Fact]
    public void Allora_divides_a_rows_step_by_the_root_of_its_size()
    {
        using var scope = NewDisposeScope();

        var factors = RowRate.Factor(tensor(new float[] { 0, 0.25f, 1, 4 }), eta: 2).data<float>().ToArray();

        Assert.All(new[] { 2, 1.414214f, 0.894427f, 0.485071f }.Zip(factors), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void Allora_scales_the_step_that_was_taken()
    {
        using var scope = NewDisposeScope();
        using var value = nn.Parameter(zeros([2, 3]));
        var rate = new RowRate([value], eta: 3);

        rate.Before(1);
        using (no_grad()) value.add_(0.5);
        rate.After(1);

        Assert.Equal([1.5f, 1.5f, 1.5f, 1.5f, 1.5f, 1.5f], value.detach().data<float>().ToArray());
    }

    [Theory]
    [InlineData(GateRule.Formula, new[] { 0f, 0.05f, 0.09f, 0.15f, -0.05f, -0.3f })]
    [InlineData(GateRule.Published, new[] { 0f, 0f, 0f, 0.15f, 0f, -0.3f })]
    public void Sora_shrinks_gates_as_the_paper_and_as_its_code_does(GateRule rule, float[] expected)
    {
        using var scope = NewDisposeScope();

        var shrunk = GateThreshold.Shrunk(tensor(new[] { 0.05f, 0.15f, 0.19f, 0.25f, -0.15f, -0.4f }), 0.1, rule);

        Assert.All(expected.Zip(shrunk.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(15, 4)]
    [InlineData(30, 8)]
    [InlineData(99, 8)]
    public void Lamda_freezes_the_columns_one_after_the_other(int done, int frozen) =>
        Assert.Equal(frozen, FrozenColumns.Count(rank: 8, done, steps: 100, share: 0.3));

    [Fact]
    public void A_frozen_column_does_not_move_though_adam_would_move_it()
    {
        using var scope = NewDisposeScope();
        using var value = nn.Parameter(ones([3, 4]));
        var update = new FrozenColumns([value], steps: 10, share: 0.5);

        for (var step = 1; step <= 4; step++)
        {
            update.Before(step);
            using (no_grad()) value.add_(1);
            update.After(step);
        }

        // After 1, 2 and 3 of 5 steps, 0, 1 and 2 of the 4 columns are frozen.
        Assert.Equal([3, 4, 5, 5], value.detach()[0].data<float>().ToArray());
    }

    [Fact]
    public void Block_lora_is_lora_of_a_part_of_the_rank_whose_second_factor_is_faster()
    {
        using var scope = NewDisposeScope();
        const int Blocks = 3;
        using var generator = new Generator(5);
        var (x, y) = (randn([20, 6], generator: generator), randn([20, 5], generator: generator));
        var a = randn([2, 6], generator: generator);

        var blocks = Train(Blocks, rateOfB: 1e-3);
        var fast = Train(1, rateOfB: Blocks * 1e-3);

        Assert.InRange(blocks.sub(fast).abs().max().item<float>(), 0, 1e-5f);

        // Plain loops: the sum of the blocks of B, each of which Adam moves by itself.
        Tensor Train(int count, double rateOfB)
        {
            using var ownA = nn.Parameter(a.clone());
            var parts = Enumerable.Range(0, count).Select(_ => nn.Parameter(zeros([5, 2]))).ToArray();
            using var ofA = optim.Adam([ownA], 1e-3);
            using var ofB = optim.Adam(parts, rateOfB);
            for (var step = 0; step < 50; step++)
            {
                using var stepScope = NewDisposeScope();
                ofA.zero_grad();
                ofB.zero_grad();
                var b = parts.Aggregate((Tensor)zeros([5, 2]), (sum, part) => sum.add(part));
                x.mm(ownA.T).mm(b.T).sub(y).square().mean().backward();
                ofA.step();
                ofB.step();
            }
            return parts.Aggregate((Tensor)zeros([5, 2]), (sum, part) => sum.add(part.detach())).mm(ownA.detach());
        }
    }
}
