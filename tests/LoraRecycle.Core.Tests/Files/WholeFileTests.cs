using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Files;

public sealed class WholeFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_device_stays_a_device()
    {
        // A link to it, so that a failure of this test replaces the link alone.
        var link = _folder.PathOf("nothing");
        File.CreateSymbolicLink(link, "/dev/null");
        WholeFile.Write(link, stream => stream.Write("x"u8));
        Assert.Equal("/dev/null", new FileInfo(link).LinkTarget);
        Assert.True(SpecialFile.IsAt("/dev/null"));
        Assert.Equal([link], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Only_what_holds_no_bytes_is_special()
    {
        Assert.True(SpecialFile.IsAt("/dev/full"));
        Assert.False(SpecialFile.IsAt(_folder.Path));
        Assert.False(SpecialFile.IsAt(_folder.Write("file", "x"u8)));
        Assert.False(SpecialFile.IsAt(_folder.PathOf("none")));
    }

    [Fact]
    public void A_full_device_is_an_error()
    {
        var link = _folder.PathOf("full");
        File.CreateSymbolicLink(link, "/dev/full");
        Assert.Throws<IOException>(() => WholeFile.Write(link, stream => stream.Write("x"u8)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_stays_and_what_it_leads_to_is_written(bool isThere)
    {
        Directory.CreateDirectory(_folder.PathOf("elsewhere"));
        var (target, link) = (_folder.PathOf("elsewhere", "file"), _folder.PathOf("link"));
        if (isThere) File.WriteAllText(target, "before");
        File.CreateSymbolicLink(link, Path.Combine("elsewhere", "file"));

        WholeFile.Write(link, stream => stream.Write("after"u8));

        Assert.Equal(Path.Combine("elsewhere", "file"), new FileInfo(link).LinkTarget);
        Assert.Equal("after", File.ReadAllText(target));
        Assert.Equal([target], Directory.EnumerateFiles(_folder.PathOf("elsewhere")));
    }
}
