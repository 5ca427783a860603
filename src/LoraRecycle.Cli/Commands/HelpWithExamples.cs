using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Commands;

/// <summary>The usual help, followed by the verb's examples and the exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>Help is the root's recursive option, so replacing its action reaches every verb.</summary>
    public static void Install(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is IVerb verb)
        {
            output.WriteLine("Examples:");
            foreach (var example in verb.Examples)
                output.WriteLine($"  {example}");
            output.WriteLine();
        }
        output.WriteLine("Exit codes:");
        output.WriteLine($"  {ExitCode.Summary}");
        return code;
    }
}
