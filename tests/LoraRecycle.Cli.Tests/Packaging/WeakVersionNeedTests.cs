using LoraRecycle.Build;

namespace LoraRecycle.Cli.Tests.Packaging;

/// <summary>The build's step that lets TorchSharp's native library load where libstdc++ is older than the one it was linked with.</summary>
public sealed class WeakVersionNeedTests
{
    private const string Version = "GLIBCXX_3.4.32";
    private const byte Weak = 2;

    private static readonly byte[] TorchSharp = File.ReadAllBytes(
        Path.Combine(AppContext.BaseDirectory, "as-published", "libLibTorchSharp.so")
    );

    [Fact]
    public void The_need_of_torchsharps_library_becomes_weak_and_nothing_else_changes()
    {
        var changed = TorchSharp.ToArray();
        Assert.True(WeakVersionNeed.MakeWeak(changed, Version));
        var place = Assert.Single(Enumerable.Range(0, changed.Length), i => changed[i] != TorchSharp[i]);
        Assert.Equal(TorchSharp[place] | Weak, changed[place]);

        var again = changed.ToArray();
        Assert.True(WeakVersionNeed.MakeWeak(again, Version));
        Assert.Equal(changed, again);
    }

    [Fact]
    public void A_library_that_does_not_need_the_version_stays_as_it_is()
    {
        var library = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libtorch", "libc10.so"));
        var before = library.ToArray();
        Assert.False(WeakVersionNeed.MakeWeak(library, Version));
        Assert.Equal(before, library);
    }

    [Fact]
    public void What_is_no_library_or_was_cut_short_is_refused()
    {
        Assert.Throws<InvalidDataException>(() => WeakVersionNeed.MakeWeak("#!/bin/sh\n"u8.ToArray(), Version));
        var random = new Random(0);
        for (var i = 0; i < 20; i++)
        {
            var cut = TorchSharp[..random.Next(0, TorchSharp.Length - 1)];
            Assert.Throws<InvalidDataException>(() => WeakVersionNeed.MakeWeak(cut, Version));
        }
    }
}
