using System.CommandLine;
using System.CommandLine.Help;
using LoraRecycle.Cli.Commands;
using LoraRecycle.Cli.Commands.Keys;
using LoraRecycle.Cli.Commands.Markets;
using LoraRecycle.Cli.Commands.Models;
using LoraRecycle.Cli.Commands.Recycling;
using LoraRecycle.Cli.Commands.Serving;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;

namespace LoraRecycle.Cli;

/// <summary>The verbs, how a line is parsed into one of them, and how what goes wrong becomes a message and an exit code.</summary>
internal static class CommandLine
{
    private const string Serve = "serve";
    private const string Health = "health";

    /// <summary>Runs one command line to its exit code (<see cref="ExitCode"/>).</summary>
    public static async Task<int> RunAsync(
        IReadOnlyList<string> args, TextWriter output, TextWriter error, CancellationToken cancellation)
    {
        var line = WithDefaultVerb(args);
        var parsed = Root(VerbsFor(line[0])).Parse(line);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            await error.WriteLineAsync($"error: {Failure.OneLine(Complaint(parsed))} ({VerbOf(parsed)} --help shows the usage)");
            return ExitCode.BadInput;
        }
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = output,
                    Error = error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null, // Program listens for signals itself
                },
                cancellation);
        }
        catch (Exception exception)
        {
            var failure = Failure.Of(exception, cancellation);
            await error.WriteLineAsync(parsed.GetValue(VerboseOption.Instance) ? exception.ToString() : $"error: {failure.Message}");
            return failure.ExitCode;
        }
    }

    /// <summary>All verbs, which take a tenth of a server's start to make; or the one that is asked for, where a start is waited for or
    /// made often.</summary>
    private static IEnumerable<Command> VerbsFor(string first) => first switch
    {
        Serve => [new ServeCommand()],
        Health => [new HealthCommand()],
        _ => AllVerbs(),
    };

    private static IEnumerable<Command> AllVerbs() =>
    [
        new ServeCommand(),
        new HealthCommand(),
        new DemoCommand(),
        new PullCommand(),
        new ClassifyCommand(),
        new EmbedCommand(),
        new VerifyCommand(),
        new EvalCommand(),
        new CalibrateCommand(),
        new TuneCommand(),
        new MarketCommand(),
        new InvertCommand(),
        new DistillCommand(),
        new RecycleCommand(),
        new MergeCommand(),
        new BenchCommand(),
        new KeyCommand(),
    ];

    private static RootCommand Root(IEnumerable<Command> verbs)
    {
        var root = new RootCommand("Few-shot image classification with a vision transformer and recycled LoRAs.")
        {
            VerboseOption.Instance,
        };
        foreach (var verb in verbs)
            root.Subcommands.Add(verb);
        HelpWithExamples.Install(root);
        return root;
    }

    /// <summary><c>./run</c> and <c>./run --url ...</c> serve; help and version stay the whole program's.</summary>
    private static IReadOnlyList<string> WithDefaultVerb(IReadOnlyList<string> args) =>
        args.Count == 0 || (args[0].StartsWith('-') && args[0] is not ("--help" or "-h" or "-?" or "--version" or "--verbose"))
            ? [Serve, .. args]
            : args;

    private static string Complaint(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand && parsed.UnmatchedTokens is [var unknown, ..]
            ? $"Unknown verb '{unknown}'."
            : parsed.Errors[0].Message;

    private static string VerbOf(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "./run" : $"./run {parsed.CommandResult.Command.Name}";
}
