using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Tests.Evaluation;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning.Methods;

public sealed class MethodTests : IDisposable
{
    private static readonly TuningSettings Short = ToyTask.Settings with { Steps = 8, Rank = 4 };

    private readonly VisionTransformer _model = ToyTask.Model();

    public static TheoryData<string> All => [.. TuningMethods.All.Select(method => method.Name)];

    public static TheoryData<string> Reducible =>
        [.. TuningMethods.All.Where(method => method.AtPlain is not null).Select(method => method.Name)];

    public void Dispose() => _model.Dispose();

    [Theory, MemberData(nameof(Reducible))]
    public void At_the_value_that_turns_it_off_a_method_is_plain_lora_step_for_step(string name)
    {
        using var images = ToyTask.Images(_model, each: 6, seed: 1);
        var method = TuningMethods.Of(name);
        using var plain = ToyTask.Tune(_model, images, Short);

        using var off = ToyTask.Tune(_model, images, method.AtPlain!(method.On(Short)));

        Assert.Equal(plain.Losses, off.Losses);
        Assert.Equal(Changes(plain.Adapter), Changes(off.Adapter), Near);
    }

    [Theory, MemberData(nameof(All))]
    public void Every_method_learns_the_toy_task_and_is_stored_as_a_lora_that_does_what_was_tuned(string name)
    {
        using var train = ToyTask.Images(_model, each: 12, seed: 1);
        using var heldOut = ToyTask.Images(_model, each: 12, seed: 2);
        using var folder = new TemporaryFolder();
        var settings = TuningMethods.Of(name).On(ToyTask.Settings);

        using var tuned = ToyTask.Tune(_model, train, settings);

        Assert.All(tuned.Adapter.Layers.Values, layer => Assert.IsType<LoraLayer>(layer));
        Assert.Equal(settings.Steps, tuned.Losses.Count);
        var accuracy = ToyTask.Accuracy(_model, tuned.Adapter, heldOut);
        Assert.InRange(accuracy, 0.8, 1);
        PeftWriter.Write(folder.Path, tuned.Adapter, _model.AdaptableLayers, "toy");
        using var read = AdapterCatalog.Default.Load(folder.Path, _model.AdaptableLayers, CPU);
        Assert.Equal(accuracy, ToyTask.Accuracy(_model, read, heldOut));
    }

    [Theory, MemberData(nameof(All))]
    public void The_same_seed_gives_the_same_lora(string name)
    {
        using var images = ToyTask.Images(_model, each: 4, seed: 1);
        var settings = TuningMethods.Of(name).On(Short with { Steps = 3 });
        settings = settings with { Choice = settings.Choice with { SearchSteps = 2 } };

        using var first = ToyTask.Tune(_model, images, settings);
        using var second = ToyTask.Tune(_model, images, settings);

        Assert.Equal(first.Adapter.Revision, second.Adapter.Revision);
    }

    [Fact]
    public void An_unknown_method_is_refused_with_those_that_there_are()
    {
        var refused = Assert.Throws<TuningException>(() => TuningMethods.Of("lora-x"));

        Assert.Contains("lora-ga, lora-pro", refused.Message, StringComparison.Ordinal);
        Assert.Contains("got 'lora-x'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_names_of_methods_are_different_and_each_says_where_it_comes_from()
    {
        Assert.Distinct(TuningMethods.All.Select(method => method.Name));
        Assert.All(TuningMethods.All, method => Assert.Matches("^arXiv [0-9]{4}[.][0-9]{5}$", method.Paper));
    }

    private static readonly IEqualityComparer<float> Near =
        EqualityComparer<float>.Create((one, other) => Math.Abs(one - other) < 1e-5f * (1 + Math.Abs(one)), _ => 0);

    private float[] Changes(Adapter adapter)
    {
        using var scope = NewDisposeScope();
        return [.. _model.FrozenLayers.Where(layer => adapter.Layers.ContainsKey(layer.Layer.Name)).SelectMany(
            layer => adapter.Layers[layer.Layer.Name].Delta(layer.Weight, layer.Bias).Weight.data<float>().ToArray())];
    }
}
