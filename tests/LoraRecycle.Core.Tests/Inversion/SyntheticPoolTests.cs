using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Tests.Safetensors;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Inversion;

public sealed class SyntheticPoolTests
{
    [Fact]
    public void A_pool_reads_back_as_it_was_written()
    {
        using var folder = new ScratchFolder();
        using var pool = Pool();
        SyntheticPoolDirectory.Write(pool, folder.PathOf("nested", "pool"));
        using var read = SyntheticPoolDirectory.Read(folder.PathOf("nested", "pool"));
        Assert.Equal(pool.Images.data<byte>().ToArray(), read.Images.data<byte>().ToArray());
        Assert.Equal(pool.Saliency.data<float>().ToArray(), read.Saliency.data<float>().ToArray());
        Assert.Equal(pool.Info.Classes, read.Info.Classes);
        Assert.Equal("2:0.5", read.Info.Settings.Pruning.ToString());
        Assert.Equal(pool.Info.Settings with { Pruning = TokenPruning.None }, read.Info.Settings with { Pruning = TokenPruning.None });
        Assert.True(float.IsNaN(read.Info.Losses[1]));
        Assert.Equal(["nested"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_pool_replaces_a_pool_and_nothing_else()
    {
        using var folder = new ScratchFolder();
        using var pool = Pool();
        SyntheticPoolDirectory.Write(pool, folder.PathOf("pool"));
        SyntheticPoolDirectory.Write(pool, folder.PathOf("pool"));
        Directory.CreateDirectory(folder.PathOf("photographs"));
        folder.Write(Path.Combine("photographs", "holiday.jpg"), [1]);
        Assert.Throws<IOException>(() => SyntheticPoolDirectory.Write(pool, folder.PathOf("photographs")));
        Assert.Equal(["photographs", "pool"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
        Assert.True(File.Exists(folder.PathOf("photographs", "holiday.jpg")));
    }

    [Theory]
    [InlineData("{", "cannot be read")]
    [InlineData("null", "no JSON object")]
    [InlineData("{}", "cannot be read")]
    public void A_damaged_pool_is_refused(string info, string reason)
    {
        using var folder = new ScratchFolder();
        folder.Write(SyntheticPoolDirectory.InfoName, System.Text.Encoding.UTF8.GetBytes(info));
        var error = Assert.Throws<InversionException>(() => SyntheticPoolDirectory.Read(folder.Path));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_that_do_not_fit_each_other_are_refused()
    {
        using var scope = NewDisposeScope();
        using var good = Pool();
        Assert.Throws<InversionException>(() =>
            new SyntheticPool(good.Info, zeros([2, 3, 8, 8], ScalarType.Byte), zeros([3], ScalarType.Int64), zeros([2, 2]), zeros([2, 4]))
        );
        Assert.Throws<InversionException>(() =>
            new SyntheticPool(
                good.Info,
                zeros([2, 3, 8, 8], ScalarType.Byte),
                ones([2], ScalarType.Int64).mul(2),
                zeros([2, 2]),
                zeros([2, 4])
            )
        );
        Assert.Throws<InversionException>(() =>
            new SyntheticPool(good.Info, zeros([2, 3, 8, 8], ScalarType.Byte), zeros([2], ScalarType.Int64), zeros([2, 2]), zeros([2, 5]))
        );
    }

    [Theory]
    [InlineData(0, new long[] { 0, 1, 2, 3, 0, 1, 2, 3 })]
    [InlineData(0.25, new long[] { 0, 1, 3, 0, 1, 2 })]
    [InlineData(0.5, new long[] { 1, 3, 0, 2 })]
    [InlineData(0.75, new long[] { 3, 0 })]
    public void A_mask_keeps_the_patches_with_the_most_attention(double masked, long[] positions)
    {
        using var pool = Pool();
        using var kept = pool.Kept(masked);
        Assert.Equal(positions, kept.data<long>().ToArray());
    }

    /// <summary>Two images of 8 x 8 pixels in patches of 4.</summary>
    internal static SyntheticPool Pool()
    {
        var info = new SyntheticPoolInfo
        {
            Name = "lora",
            LoraRevision = "00",
            Classes = ["cat", "dög"],
            PatchSize = 4,
            Settings = new InversionSettings { Pruning = TokenPruning.Parse("2:.5"), Seed = 9 },
            BestLoss = 0.5f,
            Losses = [1, float.NaN],
            Seconds = 2,
        };
        using var generator = new Generator(1);
        return new SyntheticPool(
            info,
            randint(0, 256, [2, 3, 8, 8], ScalarType.Byte, generator: generator),
            tensor(new long[] { 0, 1 }),
            tensor([1f, 0, 0, 1], [2, 2]),
            tensor([0.2f, 0.3f, 0.1f, 0.4f, 0.4f, 0.2f, 0.3f, 0.1f], [2, 4])
        );
    }
}
