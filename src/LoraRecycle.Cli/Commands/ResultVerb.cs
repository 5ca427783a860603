using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;

namespace LoraRecycle.Cli.Commands;

/// <summary>A verb that works out one result and shows it: to people, or with <c>--json</c> to scripts.</summary>
/// <param name="name">The verb.</param>
/// <param name="description">What it does, in a line.</param>
/// <param name="json">How the result is written.</param>
internal abstract class ResultVerb<T>(string name, string description, JsonTypeInfo<T> json) : Command(name, description), IVerb
{
    private readonly JsonOption _json = JsonOption.Create();

    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>Called once the verb's own options are added: help shows <c>--json</c> last.</summary>
    protected void Complete()
    {
        Options.Add(_json);
        SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
    }

    protected abstract T Compute(ParseResult parsed, CancellationToken cancellation);

    protected abstract void Show(TextWriter output, T result, ParseResult parsed);

    /// <summary>What the process ends with.</summary>
    protected virtual int Code(T result) => ExitCode.Ok;

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var result = Compute(parsed, cancellation);
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
            CliJson.Write(output, result, json);
        else
            Show(output, result, parsed);
        return Code(result);
    }
}
