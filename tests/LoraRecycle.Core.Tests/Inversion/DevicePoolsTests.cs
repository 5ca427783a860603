using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Tests.Devices;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Inversion;

/// <summary>Pools made by several inverters; on a CPU each stands for a device.</summary>
public sealed class DevicePoolsTests : IDisposable
{
    private static readonly InversionSettings Settings = InversionFixture.Settings with { Iterations = 7, CheckpointEvery = 2 };

    private readonly InversionFixture[] _fixtures = [new(), new()];
    private readonly LoraInverter[] _inverters;
    private readonly ScratchFolder _folder = new();
    private readonly InversionSource[] _sources;

    public DevicePoolsTests()
    {
        _inverters = [.. _fixtures.Select(fixture => new LoraInverter(fixture.Model, InversionFixture.Preprocessor, null, Settings))];
        _sources =
        [
            _fixtures[0].Source("lora_qv"),
            _fixtures[0].Source("rslora_all"),
            _fixtures[0].Source("lora_bias"),
            _fixtures[0].Source("lora_rank_pattern", classes: 4),
        ];
    }

    public void Dispose()
    {
        foreach (var inverter in _inverters) inverter.Dispose();
        foreach (var fixture in _fixtures) fixture.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Two_devices_make_what_one_makes_in_the_same_order()
    {
        var one = Build("one", devices: 1, batchSize: 1);
        var two = Build("two", devices: 2, batchSize: 1);
        Assert.Equal(_sources.Select(source => source.Name), two.Select(result => result.Name));
        AssertSame(one, two);
    }

    [Fact]
    public void What_is_taken_up_after_a_failure_on_one_device_ends_as_it_would_have()
    {
        var whole = Build("whole", devices: 2, batchSize: 2);
        var failure = Assert.Throws<InvalidOperationException>(() => Build("broken", 2, 2, progress =>
        {
            if (progress.Iterations >= 12) throw new InvalidOperationException("out of order");
        }));
        Assert.Equal("out of order", failure.Message);
        Assert.NotEmpty(Directory.GetFiles(_folder.PathOf("broken"), "*.checkpoint"));
        AssertSame(whole, Build("broken", devices: 2, batchSize: 2));
        Assert.Empty(Directory.GetFiles(_folder.PathOf("broken")));
    }

    [Fact]
    public void Cancelling_writes_a_checkpoint_on_every_device()
    {
        using var cancelling = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Build("cancelled", 2, 2, _ => cancelling.Cancel(), cancelling.Token));
        Assert.Equal(2, Directory.GetFiles(_folder.PathOf("cancelled"), "*.checkpoint").Length);
        AssertSame(Build("whole", devices: 2, batchSize: 2), Build("cancelled", devices: 2, batchSize: 2));
    }

    [Fact]
    public void A_unit_that_memory_does_not_hold_is_halved_until_it_does()
    {
        var alone = Build("alone", devices: 1, batchSize: 1);
        var halved = Build("halved", 1, batchSize: 3, progress =>
        {
            if (progress.Names.Count > 1) throw new LibtorchSays("CUDA out of memory");
        });
        AssertSame(alone, halved);
        Assert.Throws<LibtorchSays>(() => Build("never", 1, batchSize: 3, _ => throw new LibtorchSays("CUDA out of memory")));
    }

    [Fact]
    public void A_lora_that_diverged_is_not_tried_again_with_the_same_settings()
    {
        InversionSource[] sources = [_fixtures[0].Source("lora_qv", change: weight => weight.mul(1e30)), _sources[1]];
        var first = Build("pools", 1, batchSize: 2, sources: sources);
        var reports = 0;
        var second = Build("pools", 1, batchSize: 2, _ => reports++, sources: sources);
        Assert.Equal(first, second);
        Assert.Equal(0, reports);
        Assert.Contains("was not finite", second[0].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_killed_build_left_is_swept()
    {
        Directory.CreateDirectory(_folder.PathOf("pools", "lora_qv.0123456789abcdef0123456789abcdef.tmp"));
        Build("pools", devices: 1, batchSize: 1);
        Assert.Equal(
            _sources.Select(source => source.Name).Order(),
            Directory.GetFileSystemEntries(_folder.PathOf("pools")).Select(Path.GetFileName).Order()
        );
    }

    private PoolResult[] Build(
        string folder,
        int devices,
        int batchSize,
        Action<PoolProgress>? seen = null,
        CancellationToken? cancellation = null,
        InversionSource[]? sources = null
    ) =>
        [
            .. new PoolBuilder(_inverters[..devices], Settings, _folder.PathOf(folder)).Build(
                sources ?? _sources,
                _ => batchSize,
                new Watcher(seen ?? (_ => { })),
                cancellation ?? TestContext.Current.CancellationToken
            ),
        ];

    private static void AssertSame(PoolResult[] expected, PoolResult[] actual)
    {
        foreach (var (left, right) in expected.Zip(actual))
        {
            Assert.Equal((left.Name, left.BestLoss), (right.Name, right.BestLoss));
            Assert.Equal(
                File.ReadAllBytes(Path.Combine(left.Directory!, "images.safetensors")),
                File.ReadAllBytes(Path.Combine(right.Directory!, "images.safetensors"))
            );
        }
    }

    private sealed class Watcher(Action<PoolProgress> seen) : IProgress<PoolProgress>
    {
        public void Report(PoolProgress value) => seen(value);
    }
}
