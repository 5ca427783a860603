using LoraRecycle.Tests;

namespace LoraRecycle.Architecture;

/// <summary>
/// Which namespaces may look at which: <c>tests/Architecture/Rooms</c> has a line for each, with those below it. A new arrow
/// is a decision: add it there, when it points down.
/// </summary>
public class FloorTests
{
    public static TheoryData<string> Assemblies => ["LoraRecycle.Core", "LoraRecycle.Service", "lora-recycle"];

    [Theory, MemberData(nameof(Assemblies))]
    public void A_namespace_looks_only_at_those_below_it_that_are_listed(string assembly)
    {
        var allowed = File.ReadLines(RoomsOf(assembly)).Where(line => line.Contains(':', StringComparison.Ordinal)).Select(line => line.Split(':', StringSplitOptions.TrimEntries))
            .ToDictionary(line => line[0], line => line[1].Split(',', StringSplitOptions.TrimEntries).ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        var others = NamespaceGraph.Of(assembly).Arrows
            .SelectMany(room => room.Value.Where(arrow => !allowed.TryGetValue(room.Key, out var below) || !below.Contains(arrow.Key)).Select(arrow => $"{room.Key} -> {arrow.Key} ({arrow.Value})"));

        Assert.Empty(others);
    }

    [Theory, MemberData(nameof(Assemblies))]
    public void Every_arrow_that_is_listed_exists(string assembly)
    {
        var actual = NamespaceGraph.Of(assembly).Arrows.Select(room => $"{room.Key}: {string.Join(", ", room.Value.Keys)}");

        Assert.Equal(actual, File.ReadLines(RoomsOf(assembly)).Where(line => line.Length > 0));
    }

    [Theory, MemberData(nameof(Assemblies))]
    public void No_namespaces_go_in_a_circle(string assembly) => Assert.Empty(NamespaceGraph.Of(assembly).FindCircle());

    [Fact]
    public void A_namespace_is_its_folder_and_a_folder_has_fifteen_files_at_most()
    {
        var wrong = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories(Repository.PathOf("src"), "*", SearchOption.AllDirectories).Where(IsSource))
        {
            var files = Directory.GetFiles(folder, "*.cs");
            if (files.Length > 15)
                wrong.Add($"{folder}: {files.Length} files");
            var expected = Path.GetRelativePath(Repository.PathOf("src"), folder).Replace(Path.DirectorySeparatorChar, '.');
            wrong.AddRange(files.Where(file => File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal)) is { } line && line != $"namespace {expected};"));
        }

        Assert.Empty(wrong);
    }

    private static bool IsSource(string folder) => !folder.Split(Path.DirectorySeparatorChar).Intersect(["bin", "obj", "wwwroot"]).Any();

    private static string RoomsOf(string assembly) => Repository.PathOf("tests", "Architecture", "Rooms", $"{assembly}.txt");
}
