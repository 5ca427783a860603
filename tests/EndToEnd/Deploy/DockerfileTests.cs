using System.Globalization;
using System.Text.RegularExpressions;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd.Deploy;

/// <summary>The Dockerfile, as far as it can be checked without building it, which <c>deploy/check-images.sh</c> does.</summary>
public sealed partial class DockerfileTests
{
    private readonly Dockerfile _file = Dockerfile.Read();

    public static TheoryData<string> Targets => ["cpu", "cuda"];

    [Fact]
    public void Every_base_is_pinned_by_a_tag_or_is_a_stage_above()
    {
        for (var i = 0; i < _file.Stages.Count; i++)
        {
            var (name, from) = (_file.Stages[i].Name, _file.Stages[i].From);
            if (_file.Stages.Take(i).Any(stage => stage.Name == from))
                continue;
            Assert.True(
                from.Split('/')[^1].Contains(':', StringComparison.Ordinal) && !from.EndsWith(":latest", StringComparison.Ordinal),
                $"The stage {name} is from {from}, which may be another one tomorrow."
            );
        }
    }

    [Fact]
    public void What_is_copied_is_there_and_not_kept_out()
    {
        for (var i = 0; i < _file.Stages.Count; i++)
            foreach (var copy in _file.Stages[i].Instructions.Where(instruction => instruction.Verb == "COPY"))
            {
                if (copy.Flag("from") is { } from)
                {
                    Assert.Contains(from, _file.Stages.Take(i).Select(stage => stage.Name));
                    continue;
                }
                foreach (var source in copy.Words[..^1])
                {
                    Assert.True(Path.Exists(Repository.PathOf(source)), $"COPY {source}: there is no such thing.");
                    Assert.False(DockerIgnore.Excludes(source), $"COPY {source}: .dockerignore keeps it out.");
                    foreach (var file in Sources(source))
                        Assert.False(DockerIgnore.Excludes(file), $"COPY {source}: .dockerignore keeps {file} out.");
                }
            }
    }

    [Fact]
    public void What_the_projects_take_from_outside_of_src_is_copied_before_they_are_built()
    {
        var copied = _file
            .Whole(_file.Stage("source"))
            .Where(instruction => instruction.Verb == "COPY" && instruction.Flag("from") is null)
            .SelectMany(copy => copy.Words[..^1])
            .ToHashSet(StringComparer.Ordinal);
        foreach (var project in Directory.GetFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories))
            foreach (Match include in OutsideOfSources().Matches(File.ReadAllText(project)))
                Assert.Contains(include.Groups[1].Value.Split('/')[0], copied);
        foreach (var shared in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json" })
            Assert.Contains(shared, copied);
    }

    [Fact]
    public void The_bases_are_dotnets_own_and_no_package_is_installed_on_them()
    {
        var stages = _file.Stages.Select(stage => stage.Name).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(
            ["mcr.microsoft.com/dotnet/aspnet:10.0", "mcr.microsoft.com/dotnet/sdk:10.0"],
            _file.Stages.Select(stage => stage.From).Where(from => !stages.Contains(from)).Order(StringComparer.Ordinal));
        foreach (var run in _file.Stages.SelectMany(stage => stage.Instructions).Where(instruction => instruction.Verb == "RUN"))
            Assert.DoesNotMatch(@"\b(apt|apt-get|apk|dnf|yum|tdnf|pip|curl|wget)\b", run.Rest);
    }

    [Fact]
    public void Nothing_is_added_from_a_url_and_no_secret_is_built_in()
    {
        foreach (var instruction in _file.Stages.SelectMany(stage => stage.Instructions))
        {
            Assert.NotEqual("ADD", instruction.Verb);
            if (instruction.Verb is "ENV" or "ARG")
                Assert.DoesNotMatch("(?i)password|secret|token|apikey", instruction.Rest);
        }
    }

    [Fact]
    public void Variables_of_a_command_are_arguments_of_its_stage()
    {
        foreach (var stage in _file.Stages)
        {
            var arguments = _file.Whole(stage).Where(instruction => instruction.Verb is "ARG").ToArray();
            foreach (var argument in arguments.Where(argument => !argument.Rest.Contains('=', StringComparison.Ordinal)))
                Assert.Contains(argument.Rest, _file.GlobalArguments.Keys);
            var known = arguments
                .Select(argument => argument.Rest.Split('=')[0])
                .Concat(_file.Environment(stage.Name).Keys)
                .ToHashSet(StringComparer.Ordinal);
            foreach (
                Match variable in stage
                    .Instructions.Where(instruction => instruction.Verb == "RUN")
                    .SelectMany(run => Variable().Matches(run.Rest))
            )
                Assert.Contains(variable.Groups[1].Value, known);
        }
    }

    [Theory, MemberData(nameof(Targets))]
    public void It_does_not_run_as_root(string target) =>
        Assert.Matches("^[1-9][0-9]*:[1-9][0-9]*$", _file.Whole(_file.Stage(target)).Last(instruction => instruction.Verb == "USER").Rest);

    [Theory, MemberData(nameof(Targets))]
    public async Task It_starts_the_program_with_the_port_that_it_exposes_and_is_asked_for_its_health_at(string target)
    {
        var whole = _file.Whole(_file.Stage(target)).ToArray();
        var port = whole.Last(instruction => instruction.Verb == "EXPOSE").Rest;
        Assert.Equal(["/app/lora-recycle"], whole.Last(instruction => instruction.Verb == "ENTRYPOINT").Exec!);
        Assert.Equal(["serve", "--url", $"http://0.0.0.0:{port}"], whole.Last(instruction => instruction.Verb == "CMD").Exec!);

        var health = whole.Last(instruction => instruction.Verb == "HEALTHCHECK");
        Assert.Equal(["/app/lora-recycle", "health", "--url", $"http://127.0.0.1:{port}"], health.Exec!);
        var timeout = int.Parse(health.Flag("timeout")!.TrimEnd('s'), CultureInfo.InvariantCulture);
        Assert.True(
            timeout > ((TimeSpan)KnownSettings.Default("Health:Deadline")!).TotalSeconds,
            "The check would give up before the forward pass may take too long."
        );
        var (code, help, _) = await CommandLineProcess.RunAsync(CommandLineProcess.Program, health.Exec![1], "--help");
        Assert.Equal(0, code);
        Assert.Contains($" {health.Exec![2]} ", help, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Targets))]
    public void Its_environment_holds_settings_of_the_service(string target)
    {
        foreach (var (variable, value) in _file.Environment(target))
            KnownSettings.AssertTakes($"The target {target}", variable, value);
    }

    [Theory, MemberData(nameof(Targets))]
    public void The_data_directory_is_a_volume_that_the_user_owns(string target)
    {
        var whole = _file.Whole(_file.Stage(target)).ToArray();
        var data = _file.Environment(target)["Storage__Directory"];
        Assert.Equal(data, whole.Last(instruction => instruction.Verb == "VOLUME").Rest);
        var user = whole.Last(instruction => instruction.Verb == "USER").Rest.Split(':');
        Assert.Contains(
            whole,
            instruction =>
                instruction.Verb == "RUN"
                && instruction.Rest.Contains($"install --directory --owner={user[0]} --group={user[1]} ", StringComparison.Ordinal)
                && instruction.Rest.EndsWith($" {data}", StringComparison.Ordinal)
        );
    }

    private static IEnumerable<string> Sources(string path) => !Directory.Exists(Repository.PathOf(path)) ? [] : Directory
        .EnumerateFiles(Repository.PathOf(path), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Repository.Root, file))
        .Where(file => !file.Split('/').Any(segment => segment is "bin" or "obj") && !file.EndsWith(".so", StringComparison.Ordinal));

    [GeneratedRegex("""(?:Include|Project)="\.\./\.\./(?!src/)([^"]+)""")]
    private static partial Regex OutsideOfSources();

    [GeneratedRegex(@"\$\{?([A-Z_][A-Z0-9_]*)")]
    private static partial Regex Variable();
}
