using LoraRecycle.Tests;

namespace LoraRecycle.Cli.Tests;

/// <summary>One command line, run to its end in this process.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public static async Task<CommandRun> Of(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(args, output, error, TestContext.Current.CancellationToken);
        return new CommandRun(code, output.ToString(), error.ToString());
    }

    /// <summary>One with the tiny model in the place of the shipped one.</summary>
    public static Task<CommandRun> OfTiny(params string[] args) => Of([.. args, "--model", TinyModel.Directory]);

    /// <summary>It failed as a user should see it: this exit code, one line of this, and nothing for a script to misread.</summary>
    public void AssertRefused(int exitCode, string because)
    {
        Assert.Equal((exitCode, ""), (ExitCode, Output));
        Assert.StartsWith("error: ", Error, StringComparison.Ordinal);
        Assert.Contains(because, Error, StringComparison.Ordinal);
        Assert.Single(Error.TrimEnd('\n').Split('\n'));
    }

    public CommandRun AssertDone()
    {
        Assert.Equal((Cli.Hosting.ExitCode.Ok, ""), (ExitCode, Error));
        return this;
    }
}
