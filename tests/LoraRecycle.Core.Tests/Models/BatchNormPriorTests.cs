using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Tests.Safetensors;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.ResNet;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>R_BN against plain loops in double arithmetic, finite differences, and files that are no prior.</summary>
public sealed class BatchNormPriorTests
{
    public static TheoryData<string> Layouts => [.. ResNetOfLoops.Layouts.Keys];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void R_BN_is_what_plain_loops_give(string layout)
    {
        using var scope = NewDisposeScope();
        using var folder = new ScratchFolder();
        var path = ResNetOfLoops.Layouts[layout].Write(folder);
        using var prior = BatchNormPrior.Load(path, CPU);
        var images = Images(2, 32, seed: 1);

        var expected = new ResNetOfLoops(path).Deviation(images);

        Assert.InRange(prior.call(images).item<float>(), expected * (1 - 1e-4), expected * (1 + 1e-4));
    }

    [Fact]
    public void The_shipped_prior_finds_a_constant_picture_less_natural_than_a_photograph()
    {
        using var scope = NewDisposeScope();
        using var withoutGrad = no_grad();
        using var prior = Shipped();
        using var photographs = SafetensorsFile.Open(Repository.PathOf("tests", "golden", "photos", "expected.safetensors"));
        var real = photographs.Read("pixel_values_96", ScalarType.Float32);

        var (natural, flat, noise) = (R(real), R(zeros_like(real)), R(randn_like(real)));

        Assert.True(natural < 0.8 * flat, $"photographs {natural}, constant {flat}");
        Assert.True(natural < 0.8 * noise, $"photographs {natural}, noise {noise}");

        float R(Tensor images) => prior.call(images).item<float>();
    }

    [Fact]
    public void Groups_have_statistics_of_their_own()
    {
        using var scope = NewDisposeScope();
        using var withoutGrad = no_grad();
        using var prior = Shipped();
        var (first, second, third) = (Images(3, 64, 1), Images(3, 64, 2) * 0.3, Images(3, 64, 3) + 1);

        var batched = prior.forward(cat([first, second, third]), groups: 3).data<float>().ToArray();

        float[] alone = [prior.call(first).item<float>(), prior.call(second).item<float>(), prior.call(third).item<float>()];
        Assert.Equal(3, batched.Length);
        Assert.All(batched.Zip(alone), pair => Assert.InRange(pair.First / pair.Second, 1 - 1e-4, 1 + 1e-4));
        Assert.NotEqual(alone[0], alone[1], 1e-2f);
    }

    [Fact]
    public void The_gradient_in_the_pixels_is_that_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var folder = new ScratchFolder();
        using var prior = BatchNormPrior.Load(ResNetOfLoops.Layouts["basic"].Write(folder), CPU, ScalarType.Float64);
        var images = Images(4, 32, seed: 5).to(ScalarType.Float64);
        var direction = Images(4, 32, seed: 6).to(ScalarType.Float64);
        using var pixels = images.clone().requires_grad_();

        prior.forward(pixels, groups: 2).sum().backward();
        var analytic = pixels.grad!.mul(direction).sum().item<double>();

        const double step = 1e-6;
        var numeric = (R(images + (direction * step)) - R(images - (direction * step))) / (2 * step);
        Assert.InRange(analytic / numeric, 1 - 1e-4, 1 + 1e-4);

        double R(Tensor input)
        {
            using var withoutGrad = no_grad();
            return prior.forward(input, groups: 2).sum().item<double>();
        }
    }

    [Fact]
    public void One_groups_pixels_do_not_move_anothers_value()
    {
        using var scope = NewDisposeScope();
        using var prior = Shipped();
        using var pixels = Images(4, 64, seed: 8).requires_grad_();

        prior.forward(pixels, groups: 2)[1].backward();

        Assert.Equal(0, pixels.grad!.narrow(0, 0, 2).abs().max().item<float>());
        Assert.True(pixels.grad!.narrow(0, 2, 2).abs().max().item<float>() > 0);
        Assert.All(prior.parameters(), parameter => Assert.False(parameter.requires_grad));
    }

    [Fact]
    public void Random_weights_of_any_depth_can_be_measured()
    {
        using var scope = NewDisposeScope();
        using var weights = new RandomWeights(3, CPU);
        using var prior = new BatchNormPrior(weights, ResNetLayout.ResNet50);

        var value = prior.call(Images(1, 32, seed: 9)).item<float>();

        Assert.True(float.IsFinite(value) && value > 0, $"{value}");
        Assert.Equal(53 * 5, prior.parameters().Count());
    }

    [Theory]
    [InlineData("missing", "layer2.0.bn2.running_var")]
    [InlineData("shape", "layer1.0.conv1.weight")]
    [InlineData("nan", "bn1.running_mean")]
    [InlineData("negative", "bn1.running_var")]
    [InlineData("extra", "layer1.0.se.fc1.weight")]
    public void A_damaged_or_other_network_is_refused_by_the_tensor_at_fault(string damage, string tensor)
    {
        using var scope = NewDisposeScope();
        using var folder = new ScratchFolder();
        var path = ResNetOfLoops.Layouts["basic"].Write(folder, tensors =>
        {
            if (damage == "missing") tensors.Remove(tensor);
            else tensors[tensor] = damage switch
            {
                "shape" => zeros([5, 64, 3, 3]),
                "nan" => full([64], float.NaN),
                "negative" => full([64], -1f),
                _ => zeros(4, 4),
            };
        });

        var refusal = Assert.Throws<ModelException>(() => BatchNormPrior.Load(path, CPU));

        Assert.Contains($"'{tensor}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Photographs_look_most_natural_to_the_prior_as_it_says_that_it_wants_them()
    {
        using var scope = NewDisposeScope();
        using var withoutGrad = no_grad();
        using var prior = Shipped();
        using var photographs = SafetensorsFile.Open(Repository.PathOf("tests", "golden", "photos", "expected.safetensors"));
        var model = PreprocessorConfig.Read(Repository.PathOf("models", "vit-s-12-96", PreprocessorConfig.FileName));

        Assert.NotNull(prior.Preprocessor);
        Assert.True(R(prior.Preprocessor) < 0.7 * R(null), $"{R(prior.Preprocessor)} as it says, {R(null)} as torchvision's networks");

        float R(PreprocessorConfig? wanted)
        {
            using var pixels = new PixelSpace(model, CPU, wanted);
            return prior.call(pixels.ToPrior(photographs.Read("pixel_values_96", ScalarType.Float32))).item<float>();
        }
    }

    [Fact]
    public void A_bottleneck_network_can_be_the_prior_of_small_images_on_any_processor()
    {
        using var scope = NewDisposeScope();
        using var folder = new ScratchFolder();
        using var prior = BatchNormPrior.Load(ResNetOfLoops.Layouts["bottleneck"].Write(folder), CPU);
        using var pixels = Images(25, 64, seed: 9).requires_grad_();

        prior.call(pixels).backward();

        Assert.True(pixels.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void A_prior_that_says_its_pixels_wrongly_is_refused()
    {
        using var folder = new ScratchFolder();
        var path = ResNetOfLoops.Layouts["basic"].Write(folder);
        File.WriteAllText(
            Path.Combine(folder.Path, PreprocessorConfig.FileName),
            """{ "image_processor_type": "CLIPImageProcessor", "image_mean": "red" }""");

        Assert.Contains(
            "image_mean",
            Assert.Throws<ModelException>(() => BatchNormPrior.Load(Path.GetDirectoryName(path)!, CPU)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_transformer_is_no_prior()
    {
        var refusal = Assert.Throws<ModelException>(() => BatchNormPrior.Load(Repository.PathOf("models", "vit-s-12-96"), CPU));

        Assert.Contains("is not a prior", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, 2)]
    [InlineData(4, 0)]
    public void Images_that_do_not_divide_into_the_groups_are_refused(int images, int groups)
    {
        using var scope = NewDisposeScope();
        using var prior = Shipped();

        Assert.Throws<ModelException>(() => prior.forward(Images(images, 32, seed: 1), groups));
    }

    private static BatchNormPrior Shipped() => BatchNormPrior.Load(Repository.PathOf("models", "resnet18-96"), CPU);

    private static Tensor Images(int count, int size, ulong seed)
    {
        using var generator = new Generator(seed);
        return randn([count, 3, size, size], generator: generator);
    }
}
