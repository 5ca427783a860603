using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Files;

public sealed class LeftoversTests : IDisposable
{
    private const string Guid = "0123456789abcdef0123456789abcdef";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_killed_process_left_is_swept_and_nothing_else()
    {
        Make($"lora.{Guid}.tmp", $"market.json.{Guid}.tmp", "notes.tmp", "lora.old", $"lora.{Guid}.bak", "lora");
        Leftovers.Sweep(_folder.Path);
        Assert.Equal(
            [$"lora.{Guid}.bak", "lora.old", "notes.tmp", "lora"],
            Names().OrderByDescending(name => name.Contains('.', StringComparison.Ordinal)).ThenBy(name => name, StringComparer.Ordinal)
        );
    }

    [Fact]
    public void What_was_moved_away_comes_back_where_nothing_took_its_place()
    {
        Make($"first.{Guid}.old", $"second.{Guid}.old", "second");
        Leftovers.Sweep(_folder.Path);
        Assert.Equal(["first", "second"], Names().Order());
        Assert.Equal($"first.{Guid}.old", File.ReadAllText(_folder.PathOf("first", "file")));
        Assert.Equal("second", File.ReadAllText(_folder.PathOf("second", "file")));
    }

    [Fact]
    public void A_name_leaves_the_leftovers_of_others_alone()
    {
        Make($"mine.{Guid}.tmp", $"others.{Guid}.tmp");
        Leftovers.Sweep(_folder.Path, "mine");
        Assert.Equal([$"others.{Guid}.tmp"], Names());
    }

    [Fact]
    public void A_folder_that_is_not_there_has_none() => Leftovers.Sweep(_folder.PathOf("absent"));

    private void Make(params string[] directories)
    {
        foreach (var name in directories)
        {
            Directory.CreateDirectory(_folder.PathOf(name));
            File.WriteAllText(_folder.PathOf(name, "file"), name);
        }
    }

    private IEnumerable<string> Names() => Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path));
}
