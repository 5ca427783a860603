namespace LoraRecycle.Cli.Tests;

public class HelpTests
{
    public static TheoryData<string> Verbs =>
        [
            "serve",
            "health",
            "demo",
            "pull",
            "classify",
            "embed",
            "verify",
            "eval",
            "tune",
            "market",
            "invert",
            "distill",
            "recycle",
            "bench",
            "key",
        ];

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task Every_verb_explains_itself_with_examples_and_exit_codes(string verb)
    {
        var run = (await CommandRun.Of(verb, "--help")).AssertDone();
        Assert.Contains("Usage:", run.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  ./run", run.Output, StringComparison.Ordinal);
        Assert.Contains("130 interrupted", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task The_program_lists_every_verb(string verb) =>
        Assert.Contains($"\n  {verb} ", (await CommandRun.Of("--help")).AssertDone().Output, StringComparison.Ordinal);

    [Fact]
    public async Task Help_wins_over_what_else_is_wrong_with_a_line() =>
        Assert.Contains("Usage:", (await CommandRun.Of("eval", "--ways", "many", "--help")).AssertDone().Output, StringComparison.Ordinal);
}
