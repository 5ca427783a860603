using LoraRecycle.Tests;

namespace LoraRecycle.Architecture;

/// <summary>What <c>.editorconfig</c> says about lines and <c>dotnet format</c> does not hold.</summary>
public class LineTests
{
    private const int Widest = 140;

    [Fact]
    public void No_line_of_code_is_wider_than_140_columns()
    {
        var wide =
            from folder in (string[])["src", "tests", "bench", "build"]
            from file in Directory.EnumerateFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)
            where !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj")
            from line in File.ReadLines(file).Index()
            where line.Item.Length > Widest && !IsText(line.Item)
            select $"{Path.GetRelativePath(Repository.Root, file)}:{line.Index + 1} has {line.Item.Length} columns";

        Assert.Empty(wide);
    }

    /// <summary>JSON in raw literals stays as it would be sent.</summary>
    private static bool IsText(string line) => line.Contains("\"\"\"", StringComparison.Ordinal) || line.TrimStart()[0] == '{';
}
