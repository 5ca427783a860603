using LoraRecycle.Torch.Tests.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace LoraRecycle.Torch.Tests.optim;

public class AdamTests
{
    private const double Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-3, Rate = 0.1, Decay = 0.3;

    private static readonly double[] Start = [3, -2, 0.5];

    public static TheoryData<bool, double> Variants => new() { { false, 0 }, { false, Decay }, { true, 0 }, { true, Decay } };

    [Theory, MemberData(nameof(Variants))]
    public void Every_step_is_the_papers(bool decoupled, double decay)
    {
        using var scope = NewDisposeScope();
        using var weights = new Parameter(NdArray.Of(Start).ToTensor());
        using var adam = Optimiser(weights, decoupled, decay);
        var (expected, mean, square) = (Start.ToArray(), new double[3], new double[3]);
        for (var step = 1; step <= 10; step++)
        {
            adam.zero_grad();
            weights.pow(4).sum().backward();
            adam.step();
            for (var i = 0; i < 3; i++) Advance(step, ref expected[i], ref mean[i], ref square[i]);
            Close.Assert(NdArray.Of(expected), NdArray.FromTensor(weights));
        }

        // arXiv 1412.6980, algorithm 1, on f = w^4; arXiv 1711.05101, algorithm 2, for the decay.
        void Advance(int step, ref double weight, ref double mean, ref double square)
        {
            var gradient = (4 * Math.Pow(weight, 3)) + (decoupled ? 0 : decay * weight);
            mean = (Beta1 * mean) + ((1 - Beta1) * gradient);
            square = (Beta2 * square) + ((1 - Beta2) * gradient * gradient);
            var (unbiasedMean, unbiasedSquare) = (mean / (1 - Math.Pow(Beta1, step)), square / (1 - Math.Pow(Beta2, step)));
            weight = weight - (Rate * unbiasedMean / (Math.Sqrt(unbiasedSquare) + Epsilon)) - (decoupled ? Rate * decay * weight : 0);
        }
    }

    [Fact]
    public void A_parameter_without_a_gradient_is_left_alone()
    {
        using var scope = NewDisposeScope();
        var (used, unused) = (new Parameter(ones([1])), new Parameter(ones([1])));
        using var adam = AdamW([used, unused], lr: 0.5, weight_decay: 0.1);
        used.sum().backward();
        adam.step();
        Assert.NotEqual(1f, used.item<float>());
        Assert.Equal(1f, unused.item<float>());
        adam.zero_grad();
        Assert.All(adam.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void A_closure_is_run_with_gradients_and_its_loss_returned()
    {
        using var scope = NewDisposeScope();
        var weight = new Parameter(full([1], 2.0, float64));
        using var adam = Adam([weight], lr: 0.1);
        using var off = no_grad();
        var loss = adam.step(() =>
        {
            var square = weight.square().sum();
            square.backward();
            return square;
        });
        Assert.Equal(4.0, loss!.item<double>());
        Assert.Equal(1.9, weight.item<double>(), 6);
    }

    [Fact]
    public void A_step_leaves_no_tensors_behind_but_its_state()
    {
        using var scope = NewDisposeScope();
        var weight = new Parameter(ones([2]));
        using var adam = Adam([weight]);
        void Step()
        {
            using var inner = NewDisposeScope();
            weight.square().sum().backward();
            adam.step();
        }

        Step();
        var before = scope.DisposablesCount;
        for (var i = 0; i < 10; i++) Step();
        Assert.Equal(before, scope.DisposablesCount);
    }

    [Fact]
    public void No_parameters_are_refused() => Assert.ThrowsAny<ArgumentException>(() => Adam(Array.Empty<Parameter>()));

    private static Optimizer Optimiser(Parameter weights, bool decoupled, double decay) => decoupled
        ? AdamW([weights], Rate, Beta1, Beta2, Epsilon, decay)
        : Adam([weights], Rate, Beta1, Beta2, Epsilon, decay);
}
