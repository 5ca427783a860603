using LoraRecycle.Tests;

namespace LoraRecycle.Architecture;

/// <summary>
/// Which namespaces may look at which: <c>tests/Architecture/Rooms</c> has a line for each, with those that it may look at.
/// A new arrow is a decision: add it there, when it points down.
/// </summary>
public class FloorTests
{
    private const int MostFiles = 15;

    /// <summary>From the lowest to the highest. Markets and the method are one floor: tuning fills what recycling reads.</summary>
    private static readonly string[][] Floors =
    [
        [
            "LoraRecycle.Core",
            "Foundation",
            "Safetensors",
            "Imaging",
            "DataSets",
            "Adapters",
            "Hub",
            "Vision",
            "FewShot",
            "Method Markets",
            "Evaluation",
        ],
        ["LoraRecycle.Service", "Platform", "Serving", "Features", "Host", "(root)"],
        ["LoraRecycle.Client", "Contracts Http", "(root)"],
        ["lora-recycle", "Hosting", "Options", "Benchmarks Demo Output", "Commands", "(root)"],
    ];

    public static TheoryData<string> Assemblies => [.. Floors.Select(floors => floors[0])];

    [Theory, MemberData(nameof(Assemblies))]
    public void A_namespace_looks_only_at_those_that_are_listed_for_it(string assembly)
    {
        var listed = Listed(assembly);
        var others = NamespaceGraph.Of(assembly).Arrows.SelectMany(room => room.Value
            .Where(arrow => !listed.Contains((room.Key, arrow.Key)))
            .Select(arrow => $"{room.Key} -> {arrow.Key} because of {arrow.Value}"));

        Assert.Empty(others);
    }

    [Theory, MemberData(nameof(Assemblies))]
    public void What_is_listed_is_needed(string assembly)
    {
        var needed = NamespaceGraph.Of(assembly).Arrows.SelectMany(room => room.Value.Keys.Select(other => (room.Key, other)));

        Assert.Empty(Listed(assembly).Except(needed));
    }

    [Theory, MemberData(nameof(Assemblies))]
    public void No_namespaces_go_in_a_circle(string assembly) => Assert.Empty(NamespaceGraph.Of(assembly).FindCircle());

    [Theory, MemberData(nameof(Assemblies))]
    public void No_arrow_goes_up_a_floor(string assembly)
    {
        var floors = Floors.Single(one => one[0] == assembly)[1..];

        Assert.DoesNotContain(Listed(assembly), arrow => FloorOf(arrow.Other) > FloorOf(arrow.Room));

        int FloorOf(string room) => Array.FindIndex(floors, floor => floor.Split(' ').Contains(room.Split('.')[0])) is >= 0 and var at
            ? at
            : throw new InvalidOperationException($"'{room}' is on no floor; add it to {nameof(Floors)}.");
    }

    [Fact]
    public void A_namespace_is_its_folder_and_a_folder_has_few_files()
    {
        var wrong = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories(Repository.PathOf("src"), "*", SearchOption.AllDirectories).Where(IsSource))
        {
            var files = Directory.GetFiles(folder, "*.cs");
            if (files.Length > MostFiles)
                wrong.Add($"{folder} has {files.Length} files; expected at most {MostFiles}");
            var expected = $"namespace {Path.GetRelativePath(Repository.PathOf("src"), folder).Replace(Path.DirectorySeparatorChar, '.')};";
            wrong.AddRange(
                files.Where(file => NamespaceOf(file) is { } found && found != expected).Select(file => $"{file}: expected {expected}")
            );
        }

        Assert.Empty(wrong);
    }

    private static string? NamespaceOf(string file) =>
        File.ReadLines(file).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal));

    private static bool IsSource(string folder) => !folder.Split(Path.DirectorySeparatorChar).Intersect(["bin", "obj", "wwwroot"]).Any();

    private static HashSet<(string Room, string Other)> Listed(string assembly) =>
    [
        .. File.ReadLines(Repository.PathOf("tests", "Architecture", "Rooms", $"{assembly}.txt"))
            .Select(line => line.Split(": ")).Where(line => line.Length == 2)
            .SelectMany(line => line[1].Split(", ").Select(other => (line[0], other))),
    ];
}
