using LoraRecycle.Torch.Tests.Numerics;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LoraRecycle.Torch.Tests.Tensors;

public class RandomTests
{
    private static readonly Device Device = TestDevice.Current;

    private static readonly Dictionary<string, Func<Generator, Tensor>> Draws = new()
    {
        ["rand"] = g => rand([100], device: Device, generator: g),
        ["randn"] = g => randn([10, 10], device: Device, generator: g),
        ["randint"] = g => randint(0, 1000, [100], device: Device, generator: g),
        ["randperm"] = g => randperm(100, device: Device, generator: g),
        ["normal_"] = g => zeros(100, device: Device).normal_(1, 2, g),
        ["bernoulli"] = g => full([100], 0.5, device: Device).bernoulli(g),
        ["bernoulli_"] = g => zeros(100, device: Device).bernoulli_(0.5, g),
        ["uniform_"] = g => zeros(100, device: Device).uniform_(-1, 2, g),
        ["multinomial"] = g => ones(50, device: Device).multinomial(100, true, g),
    };

    public static TheoryData<string> Names => [.. Draws.Keys];

    [Theory, MemberData(nameof(Names)), Covers("RandGenerator", "RandnGenerator", "RandintLowGenerator", "RandpermGenerator", "NormalInPlace", "Bernoulli", "BernoulliInPlaceFloat", "UniformInPlace", "Multinomial")]
    public void The_same_seed_draws_the_same_numbers_and_another_does_not(string name)
    {
        using var scope = NewDisposeScope();
        double[] Drawn(ulong seed)
        {
            using var generator = new Generator(seed, Device);
            return NdArray.FromTensor(Draws[name](generator)).Values;
        }

        Assert.Equal(Drawn(7), Drawn(7));
        Assert.NotEqual(Drawn(7), Drawn(8));
    }

    [Fact]
    public void A_restored_state_repeats_what_followed_it()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, Device);
        _ = rand([17], device: Device, generator: generator);
        var state = generator.get_state();
        var first = NdArray.FromTensor(randn([50], device: Device, generator: generator)).Values;
        Assert.NotEqual(first, NdArray.FromTensor(randn([50], device: Device, generator: generator)).Values);
        generator.set_state(state);
        Assert.Equal(first, NdArray.FromTensor(randn([50], device: Device, generator: generator)).Values);
    }

    [Fact]
    public void A_generator_seeded_again_starts_over()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(5);
        var first = rand([5], generator: generator).data<float>().ToArray();
        generator.manual_seed(5);
        Assert.Equal(5, generator.initial_seed());
        Assert.Equal(first, rand([5], generator: generator).data<float>().ToArray());
    }

    [Fact]
    public void Numbers_are_distributed_as_named()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11, Device);
        var uniform = NdArray.FromTensor(rand([10_000], device: Device, generator: generator)).Values;
        Assert.All(uniform, value => Assert.InRange(value, 0, 1));
        Assert.InRange(uniform.Average(), 0.48, 0.52);
        var normal = NdArray.FromTensor(zeros(10_000, device: Device).normal_(3, 2, generator)).Values;
        Assert.InRange(normal.Average(), 2.9, 3.1);
        Assert.InRange(Math.Sqrt(normal.Average(value => Math.Pow(value - 3, 2))), 1.9, 2.1);
        var whole = NdArray.FromTensor(randint(-2, 3, [1000], device: Device, generator: generator)).Values;
        Assert.Equal([-2.0, -1, 0, 1, 2], whole.Distinct().Order());
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (double)i), NdArray.FromTensor(randperm(20, device: Device, generator: generator)).Values.Order());
        Assert.InRange(NdArray.FromTensor(zeros(10_000, device: Device).bernoulli_(0.2, generator)).Values.Average(), 0.18, 0.22);
        Assert.Equal([2.0], NdArray.FromTensor(tensor(new float[] { 0, 0, 1 }, device: Device).multinomial(100, true, generator)).Values.Distinct());
    }

    [Fact, Covers("RandnLike", "UniformInPlace", "Dropout")]
    public void The_global_seed_rules_what_takes_no_generator()
    {
        using var scope = NewDisposeScope();
        double[] Drawn()
        {
            _ = manual_seed(42);
            using var linear = Linear(3, 2, device: Device);
            var dropped = functional.dropout(ones([50], device: Device), 0.5);
            return [.. NdArray.FromTensor(randn_like(ones([5], device: Device))).Values, .. NdArray.FromTensor(linear.weight!).Values, .. NdArray.FromTensor(dropped).Values];
        }

        Assert.Equal(Drawn(), Drawn());
    }

    [Fact]
    public void Dropout_scales_what_it_keeps()
    {
        using var scope = NewDisposeScope();
        _ = manual_seed(1);
        var dropped = NdArray.FromTensor(functional.dropout(ones([4000], float64, Device), 0.2)).Values;
        Assert.Equal([0.0, 1.25], dropped.Distinct().Order());
        Assert.InRange(dropped.Count(value => value == 0), 700, 900);
    }
}
