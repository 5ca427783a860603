using LoraRecycle.Service.Features.Recycling.Units;

namespace LoraRecycle.Service.Tests.Jobs;

public sealed class UnitHandoverTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lora-recycle-handover-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_start_gets_copies_of_what_the_last_one_left_and_nothing_unfinished()
    {
        var (empty, last, older) = (Folder("0.3"), Folder("0.2"), Folder("0.1"));
        Directory.CreateDirectory(Path.Combine(last, "pool"));
        File.WriteAllText(Path.Combine(last, "pool", "pool.json"), "whole");
        File.WriteAllText(Path.Combine(last, "one.checkpoint"), "saved");
        File.WriteAllText(Path.Combine(last, "one.checkpoint.0123.tmp"), "half");
        File.WriteAllText(Path.Combine(older, "one.checkpoint"), "older");
        var next = Path.Combine(_root, "0.4");
        UnitHandover.Run([empty, last, older], next);
        File.WriteAllText(Path.Combine(last, "one.checkpoint"), "by somebody who was taken for dead");

        Assert.Equal(
            ["one.checkpoint", "pool/pool.json"],
            Directory
                .EnumerateFiles(next, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(next, path))
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal("saved", File.ReadAllText(Path.Combine(next, "one.checkpoint")));
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
}
