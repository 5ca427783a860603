using LoraRecycle.Core.Method.Tuning.Losses;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning.Parts;

/// <summary>Terms of the loss, against numbers that were worked out by hand.</summary>
public sealed class LossTests
{
    [Fact]
    public void Contrast_of_two_orthogonal_classes_is_that_of_the_formula()
    {
        using var scope = NewDisposeScope();
        var embeddings = tensor(new float[] { 1, 0, 3, 0, 0, 1, 0, 2 }, [4, 2]);

        var loss = SupervisedContrast.Of(embeddings, tensor(new long[] { 0, 0, 1, 1 }), temperature: 1);

        Assert.Equal(0.551445f, loss.item<float>(), 1e-5f);
    }

    [Fact]
    public void Contrast_of_images_that_are_all_alike_is_the_log_of_the_others_and_nothing_where_nobody_has_company()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(
            Math.Log(4), SupervisedContrast.Of(ones([5, 3]), zeros([5], dtype: ScalarType.Int64), temperature: 0.1).item<float>(), 1e-4);
        using var apart = nn.Parameter(randn([3, 4]));
        var alone = SupervisedContrast.Of(apart, arange(3), temperature: 0.1);
        alone.backward();
        Assert.Equal((0f, 0f), (alone.item<float>(), apart.grad!.abs().max().item<float>()));
    }

    [Fact]
    public void Views_of_one_picture_are_its_company_wherever_they_stand_in_the_batch()
    {
        using var scope = NewDisposeScope();
        var (embeddings, labels) = (randn([6, 4], generator: new Generator(1)), tensor(new long[] { 0, 1, 2, 0, 1, 2 }));
        long[] order = [4, 0, 2, 1, 5, 3];

        var one = SupervisedContrast.Of(embeddings, labels, 0.5).item<float>();
        var other = SupervisedContrast.Of(embeddings[tensor(order)], labels[tensor(order)], 0.5).item<float>();

        Assert.Equal(one, other, 1e-5f);
    }

    [Fact]
    public void Prototypes_leave_each_image_out_of_its_own_class()
    {
        using var scope = NewDisposeScope();
        // Two classes on two axes; the third image of the first class stands with the second.
        var embeddings = tensor(new float[] { 1, 0, 1, 0, 0, 1, 0, 1, 0, 1 }, [5, 2]);
        var labels = tensor(new long[] { 0, 0, 0, 1, 1 });

        var loss = PrototypeLoss.Of(embeddings, labels, classes: 3).item<float>();

        Assert.Equal(Expected(embeddings, labels), loss, 1e-4);
    }

    [Fact]
    public void Near_is_zero_at_the_bare_model_and_spread_where_dimensions_vary_apart()
    {
        using var scope = NewDisposeScope();
        var bare = randn([6, 4], generator: new Generator(1));

        Assert.Equal(0, OutputPenalties.Near(bare.mul(3), bare).item<float>(), 1e-7f);
        Assert.True(OutputPenalties.Near(bare.neg(), bare).item<float>() > 0.9);
        Assert.Equal(0, OutputPenalties.Spread(tensor(new float[] { 1, 1, 1, -1, -1, 1, -1, -1 }, [4, 2])).item<float>(), 1e-6f);
        // Two dimensions that are the same, of variance 4/3: twice its square, over two dimensions.
        Assert.Equal(16f / 9, OutputPenalties.Spread(tensor(new float[] { 1, 1, 1, 1, -1, -1, -1, -1 }, [4, 2])).item<float>(), 1e-5f);
    }

    [Fact]
    public void The_share_of_three_singular_values_is_three_quarters_of_four_equal_ones_and_all_of_three()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(-0.75f, OutputPenalties.LowRank(eye(4)).item<float>(), 1e-6f);
        Assert.Equal(-1, OutputPenalties.LowRank(randn([6, 3], generator: new Generator(1))).item<float>(), 1e-6f);
    }

    [Fact]
    public void Kasas_factors_are_measured_by_their_gram_matrices()
    {
        using var scope = NewDisposeScope();
        var a = tensor(new float[] { 1, 2, 0, 1, 0, 1, 1, 0 }, [2, 4]);

        Assert.Equal(Math.Sqrt(34), FactorPenalties.Orthogonal(a, eye(2)).item<float>(), 1e-4);
        Assert.Equal(0, FactorPenalties.Orthogonal(eye(2), eye(2)).item<float>(), 1e-5f);
    }

    /// <summary>Plain loops.</summary>
    private static double Expected(Tensor embeddings, Tensor labels)
    {
        var (images, classes) = (embeddings.shape[0], labels.data<long>().ToArray());
        var sum = 0.0;
        for (var image = 0L; image < images; image++)
        {
            var scores = new List<double>();
            foreach (var one in classes.Distinct())
            {
                var members = Enumerable.Range(0, (int)images).Where(other => other != image && classes[other] == one)
                    .Select(other => embeddings[other].data<float>().ToArray()).ToArray();
                float[] mean = [members.Sum(member => member[0]), members.Sum(member => member[1])];
                var length = Math.Sqrt((mean[0] * mean[0]) + (mean[1] * mean[1]));
                var own = embeddings[image].data<float>().ToArray();
                scores.Add(((mean[0] * own[0]) + (mean[1] * own[1])) / length / 0.1);
            }
            var right = scores[classes.Distinct().ToList().IndexOf(classes[image])];
            sum += Math.Log(scores.Sum(Math.Exp)) - right;
        }
        return sum / images;
    }
}
