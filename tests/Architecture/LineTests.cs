using System.Text.RegularExpressions;
using LoraRecycle.Tests;

namespace LoraRecycle.Architecture;

/// <summary>What <c>.editorconfig</c> says, or cannot say, and <c>dotnet format</c> does not hold.</summary>
public partial class LineTests
{
    private const int Widest = 140;

    [Fact]
    public void No_line_of_code_is_wider_than_140_columns() =>
        Assert.Empty(
            from line in Lines("src", "tests", "bench", "build")
            where line.Text.Length > Widest && !IsText(line.Text)
            select $"{line.At} has {line.Text.Length} columns");

    [Fact]
    public void The_name_of_a_test_is_a_sentence_that_begins_with_a_capital() =>
        Assert.Empty(from line in Lines("tests") where SmallBeginning().IsMatch(line.Text) select $"{line.At}: {line.Text.Trim()}");

    private static IEnumerable<(string At, string Text)> Lines(params string[] folders) =>
        from folder in folders
        from file in Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
        where !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
        from line in File.ReadLines(file).Index()
        select ($"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1}", line.Item);

    /// <summary>JSON in raw literals stays as it would be sent.</summary>
    private static bool IsText(string line) => line.Contains("\"\"\"", StringComparison.Ordinal) || line.TrimStart()[0] == '{';

    [GeneratedRegex(@"^\s*public (async )?(void|Task|ValueTask) [a-z]\w*_")]
    private static partial Regex SmallBeginning();
}
