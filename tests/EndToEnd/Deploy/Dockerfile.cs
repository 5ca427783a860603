using System.Text.Json;
using System.Text.RegularExpressions;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Deploy;

/// <summary>One instruction, its continued lines joined.</summary>
internal sealed record DockerInstruction(string Verb, string Rest)
{
    /// <summary>The value of <c>--flag=value</c>; null without it.</summary>
    public string? Flag(string name) =>
        Regex.Match(Rest, $@"(?:^|\s)--{name}=(\S+)") is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>What is not a flag, word by word.</summary>
    public string[] Words =>
        [.. Rest.Split(' ', StringSplitOptions.RemoveEmptyEntries).SkipWhile(word => word.StartsWith("--", StringComparison.Ordinal))];

    /// <summary>The list of the exec form; null for the shell form.</summary>
    public string[]? Exec =>
        Rest.IndexOf('[', StringComparison.Ordinal) is >= 0 and var start && Rest.EndsWith(']')
            ? JsonSerializer.Deserialize<string[]>(Rest[start..])
            : null;
}

/// <summary>One stage: where it starts from, and its own instructions.</summary>
internal sealed record DockerStage(string Name, string From, IReadOnlyList<DockerInstruction> Instructions);

/// <summary>The Dockerfile of the checkout.</summary>
internal sealed partial class Dockerfile
{
    public Dictionary<string, string> GlobalArguments { get; } = [];

    public List<DockerStage> Stages { get; } = [];

    public static Dockerfile Read()
    {
        var file = new Dockerfile();
        var lines = File.ReadLines(Repository.PathOf("Dockerfile"))
            .Select(line => line.Trim())
            .Where(line => line.Length > 0 && line[0] != '#');
        foreach (var text in Continued().Replace(string.Join('\n', lines), " ").Split('\n'))
        {
            var parts = text.Split(' ', 2, StringSplitOptions.TrimEntries);
            var instruction = new DockerInstruction(parts[0], parts[1]);
            if (instruction.Verb == "FROM")
            {
                var words = instruction.Words;
                Assert.True(words is [_, "AS", _], $"FROM {instruction.Rest}: every stage has a name.");
                file.Stages.Add(new DockerStage(words[2], file.Filled(words[0]), new List<DockerInstruction>()));
            }
            else if (file.Stages.Count == 0)
                file.GlobalArguments.Add(instruction.Rest.Split('=')[0], instruction.Rest.Split('=', 2)[1]);
            else
                ((List<DockerInstruction>)file.Stages[^1].Instructions).Add(instruction);
        }
        return file;
    }

    public DockerStage Stage(string name) => Stages.Single(stage => stage.Name == name);

    /// <summary>A stage's instructions after those of the stages that it starts from.</summary>
    public IEnumerable<DockerInstruction> Whole(DockerStage stage) =>
        (Stages.FirstOrDefault(other => other.Name == stage.From) is { } parent ? Whole(parent) : []).Concat(stage.Instructions);

    /// <summary>The environment of a target, its values in quotes included.</summary>
    public Dictionary<string, string> Environment(string target)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (
            var pair in Whole(Stage(target)).Where(instruction => instruction.Verb == "ENV").SelectMany(instruction => instruction.Words)
        )
            environment[pair.Split('=', 2)[0]] = pair.Split('=', 2)[1];
        return environment;
    }

    private string Filled(string image) =>
        Variable()
            .Replace(
                image,
                match =>
                {
                    Assert.True(
                        GlobalArguments.ContainsKey(match.Groups[1].Value),
                        $"FROM {image}: there is no ARG {match.Groups[1].Value} before the first FROM."
                    );
                    return GlobalArguments[match.Groups[1].Value];
                }
            );

    [GeneratedRegex(@"\s*\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Variable();
}
