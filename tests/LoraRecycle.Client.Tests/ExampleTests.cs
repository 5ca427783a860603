using LoraRecycle.EndToEnd;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>The programs in <c>examples/</c>, as a user runs them.</summary>
[Collection(nameof(DotnetCommand))]
public sealed class ExampleTests(ServedProcess server, TinyServer tiny) : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sort_photographs.py")]
    [InlineData("sort-photographs.cs")]
    public async Task Photographs_are_sorted_into_folders_and_unsure_ones_aside(string example)
    {
        var examples = Examples();
        string[] photographs = [Photograph.AnotherCup, Photograph.Airplane];
        var unsorted = _folder.Put("unsorted", photographs);
        var sorted = Path.Combine(_folder.Path, "sorted");

        await RunAsync(example, server.Address, examples, unsorted, sorted, "--sure=0.9", "--move");
        // What is left is classified again, for anything to be unsure of.
        _folder.Put("again", Photograph.Airplane);
        await RunAsync(example, server.Address, examples, Path.Combine(_folder.Path, "again"), sorted, "--sure=1.01");

        var found = Directory.GetFiles(sorted, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(sorted, path))
            .ToHashSet();
        Assert.Contains(Path.Combine("cup", Path.GetFileName(Photograph.AnotherCup)), found);
        Assert.Contains(Path.Combine("unsure", Path.GetFileName(Photograph.Airplane)), found);
        Assert.Empty(Directory.GetFiles(unsorted)); // moved
        Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "again"))); // copied
    }

    [Theory]
    [InlineData("correct_a_task.py")]
    [InlineData("correct-a-task.cs")]
    public async Task A_task_learns_from_a_correction(string example)
    {
        var output = await RunAsync(example, server.Address, Examples(), $"{Photograph.Airplane}=airplane", $"{Photograph.AnotherCup}=cup");

        Assert.Contains("before: 1 of 2 right", output, StringComparison.Ordinal);
        Assert.Contains("but airplane", output, StringComparison.Ordinal);
        Assert.Contains("after: 2 of 2 right", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("recycle_loras.py")]
    [InlineData("recycle-loras.cs")]
    public async Task Loras_are_recycled_and_the_result_is_active(string example)
    {
        var name = Path.GetFileNameWithoutExtension(example);

        var output = await RunAsync(
            example, tiny.Address, name, tiny.Uploads[2], tiny.Uploads[3], "--iterations=2", "--distillation=2"
        );

        Assert.Contains("inverted with a loss of", output, StringComparison.Ordinal);
        Assert.EndsWith($"active: {name}", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_three_lines_of_the_readme_run()
    {
        var readme = await File.ReadAllTextAsync(
            Repository.PathOf("src", "LoraRecycle.Client", "README.md"), TestContext.Current.CancellationToken
        );
        var lines = readme.Split("```csharp\n")[1].Split("```")[0]
            .Replace("a.jpg", Photograph.Cup, StringComparison.Ordinal)
            .Replace("b.jpg", Photograph.Chair, StringComparison.Ordinal)
            .Replace("q.jpg", Photograph.AnotherCup, StringComparison.Ordinal);
        Assert.Equal(3, lines.Trim().Split('\n').Length);
        var program = Path.Combine(_folder.Path, "three.cs");
        await File.WriteAllTextAsync(
            program,
            $"#:project {Repository.PathOf("src", "LoraRecycle.Client")}\n#:property PublishAot=false\n{lines}",
            TestContext.Current.CancellationToken
        );

        Assert.StartsWith("cup ", await RunAsync(program, server.Address), StringComparison.Ordinal);
    }

    private string Examples()
    {
        _folder.Put("examples/cup", Photograph.Cup);
        _folder.Put("examples/chair", Photograph.Chair);
        return Path.Combine(_folder.Path, "examples");
    }

    private static async Task<string> RunAsync(string example, string address, params string[] arguments)
    {
        var path = Repository.PathOf("examples", example);
        var environment = $"{ClientOptions.UrlVariable}={address}";
        return example.EndsWith(".py", StringComparison.Ordinal)
            ? await Python.RunAsync([environment], [path, .. arguments])
            : await DotnetCommand.RunAsync([environment], ["run", "-c", DotnetCommand.Configuration, path, "--", .. arguments]);
    }
}
