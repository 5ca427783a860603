using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Inversion;

public sealed class PoolBuilderTests
{
    private static readonly InversionSettings Settings = InversionFixture.Settings with { Iterations = 3 };

    [Fact]
    public void Loras_of_different_numbers_of_classes_become_pools_with_contact_sheets()
    {
        using var fixture = new InversionFixture();
        using var folder = new ScratchFolder();
        var results = Build(
            fixture,
            folder,
            Settings,
            out _,
            fixture.Source("lora_qv"),
            fixture.Source("rslora_all", classes: 4),
            fixture.Source("lora_bias")
        );
        Assert.Equal(["lora_bias", "lora_qv", "rslora_all"], results.Select(result => result.Name).Order());
        foreach (var result in results)
        {
            using var pool = SyntheticPoolDirectory.Read(result.Directory!);
            Assert.Equal(pool.Info.BestLoss, result.BestLoss);
            Assert.True(File.Exists(Path.Combine(result.Directory!, PoolBuilder.SheetName)));
        }
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void What_is_finished_is_not_made_again_unless_its_settings_changed()
    {
        using var fixture = new InversionFixture();
        using var folder = new ScratchFolder();
        var source = fixture.Source("lora_qv");
        var first = Build(fixture, folder, Settings, out var atFirst, source);
        var second = Build(fixture, folder, Settings with { CheckpointEvery = 2 }, out var unchanged, source);
        Build(fixture, folder, Settings with { LearningRate = 0.1 }, out var changed, source);
        Assert.Equal((3, 0, 3), (atFirst, unchanged, changed));
        Assert.Equal(first, second);
    }

    [Fact]
    public void A_lora_that_diverges_is_reported_and_the_others_are_kept()
    {
        using var fixture = new InversionFixture();
        using var folder = new ScratchFolder();
        var results = Build(
            fixture,
            folder,
            Settings,
            out _,
            fixture.Source("lora_qv", change: weight => weight.mul(1e30)),
            fixture.Source("rslora_all")
        );
        Assert.NotNull(results[0].Failure);
        Assert.False(Directory.Exists(folder.PathOf("lora_qv")));
        Assert.True(SyntheticPoolDirectory.IsPool(results[1].Directory!));
    }

    [Fact]
    public void No_loras_names_twice_and_names_of_other_folders_are_refused()
    {
        using var fixture = new InversionFixture();
        using var folder = new ScratchFolder();
        var source = fixture.Source("lora_qv");
        foreach (
            InversionSource[] bad in new InversionSource[][]
            {
                [],
                [source, source],
                [source with { Name = "../lora" }],
                [source with { Name = ".." }],
            }
        )
            Assert.Throws<InversionException>(() => Build(fixture, folder, Settings, out _, bad));
    }

    private static IReadOnlyList<PoolResult> Build(
        InversionFixture fixture,
        ScratchFolder folder,
        InversionSettings settings,
        out int reports,
        params InversionSource[] sources
    )
    {
        using var inverter = new LoraInverter(fixture.Model, InversionFixture.Preprocessor, null, settings);
        var counter = new Counter();
        var results = new PoolBuilder([inverter], settings, folder.Path).Build(
            sources,
            _ => 2,
            counter,
            TestContext.Current.CancellationToken
        );
        reports = counter.Reports;
        return results;
    }

    private sealed class Counter : IProgress<PoolProgress>
    {
        public int Reports { get; private set; }

        public void Report(PoolProgress value) => Reports++;
    }
}
