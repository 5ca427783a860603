using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Files;

public sealed class WholeDirectoryTests : IDisposable
{
    private const string Mark = "mark";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_directory_of_the_same_format_is_replaced_and_nothing_else_stays()
    {
        Write("first");
        Write("second");
        Assert.Equal("second", File.ReadAllText(_folder.PathOf("target", Mark)));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void A_link_stays_and_the_directory_that_it_leads_to_is_replaced()
    {
        var elsewhere = Directory.CreateDirectory(_folder.PathOf("elsewhere", "disk")).FullName;
        Directory.CreateSymbolicLink(_folder.PathOf("target"), elsewhere);
        Write("first");
        Write("second");
        Assert.Equal(elsewhere, new DirectoryInfo(_folder.PathOf("target")).LinkTarget);
        Assert.Equal("second", File.ReadAllText(Path.Combine(elsewhere, Mark)));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.PathOf("elsewhere")));
    }

    [Fact]
    public void What_was_there_stays_when_the_disk_is_full()
    {
        Write("first");
        Assert.Throws<IOException>(() => WholeDirectory.Write(_folder.PathOf("target"), Mark, "thing", unnamed =>
        {
            File.WriteAllText(Path.Combine(unnamed, Mark), "half");
            throw new IOException("No space left on device");
        }));
        Assert.Equal("first", File.ReadAllText(_folder.PathOf("target", Mark)));
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void What_a_kill_between_two_moves_left_is_found_again()
    {
        Write("first");
        Directory.Move(_folder.PathOf("target"), Leftovers.Replaced(_folder.PathOf("target")));
        Assert.Throws<IOException>(() => WholeDirectory.Write(_folder.PathOf("target"), Mark, "thing", _ => throw new IOException()));
        Assert.Equal("first", File.ReadAllText(_folder.PathOf("target", Mark)));
    }

    [Fact]
    public void Files_and_directories_of_something_else_are_not_replaced()
    {
        Directory.CreateDirectory(_folder.PathOf("target"));
        Write("an empty one is");
        _folder.Write("file", []);
        Directory.CreateDirectory(_folder.PathOf("photographs", "summer"));
        foreach (var taken in new[] { "file", "photographs" })
            Assert.Contains(
                taken,
                Assert.Throws<IOException>(() => WholeDirectory.Write(_folder.PathOf(taken), Mark, "thing", _ => { })).Message,
                StringComparison.Ordinal
            );
        Assert.True(Directory.Exists(_folder.PathOf("photographs", "summer")));
    }

    private void Write(string text) =>
        WholeDirectory.Write(_folder.PathOf("target"), Mark, "thing", unnamed => File.WriteAllText(Path.Combine(unnamed, Mark), text));
}
