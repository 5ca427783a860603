using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Output;
using LoraRecycle.Cli.Output.Progress;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Hub.Pulling;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>Fetches a model or an adapter from the Hugging Face Hub.</summary>
internal sealed class PullCommand : ResultVerb<PullReport>
{
    private readonly Argument<string> _name = new("ORG/NAME") { Description = "The repository, as the hub calls it." };
    private readonly Option<string?> _revision = new("--revision")
    {
        Description = "A branch, a tag or a commit. [default: main]",
        HelpName = "REVISION",
    };
    private readonly Option<bool> _asAdapter = new("--as-adapter")
    {
        Description = "Take it for an adapter, even if it holds a model too or is a file without settings.",
    };

    public PullCommand()
        : base(
            "pull",
            "Fetch a model or an adapter from the Hugging Face Hub, into the cache that Hugging Face's tools share.",
            CliJson.Default.PullReport
        )
    {
        Arguments.Add(_name);
        Options.Add(_revision);
        Options.Add(_asAdapter);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run pull openai/clip-vit-base-patch16",
        "./run pull facebook/dinov2-small --revision main",
        "HF_TOKEN=hf_... ./run pull facebook/dinov3-vits16-pretrain-lvd1689m",
    ];

    protected override PullReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var reference = Reference(parsed);
        var pull = new HubPull(HubSettings.FromEnvironment(), TimeProvider.System);
        var error = parsed.InvocationConfiguration.Error;
        var pulled = LiveProgress.Run(error, live => pull.RunAsync(
            reference,
            parsed.GetValue(_asAdapter),
            new InlineProgress<PullProgress>(now => live.Report(new(reference.Repository, now.Done, now.Total, Loss: null, InBytes: true))),
            cancellation
        ).GetAwaiter().GetResult());
        if (pulled.RenamedTo is { } renamed)
            error.WriteLine($"warning: the hub now calls {reference.Repository} {renamed}; it is found by the name that was asked for.");
        return PullReport.Of(pulled, Stopwatch.GetElapsedTime(started));
    }

    protected override void Show(TextWriter output, PullReport result, ParseResult parsed)
    {
        var table = Tables.New("file", "size");
        foreach (var file in result.Files)
            table.Row(file.Name, ByteText.Of(file.Bytes));
        output.WriteTable(table);
        output.WriteLine(result.Directory);
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{ByteText.Of(result.FetchedBytes)} of {ByteText.Of(result.Bytes)} fetched in {result.Seconds:0.0} s; use it with "
                    + $"--{result.Kind} {Reference(parsed)}"
            )
        );
    }

    /// <exception cref="UsageException">It is no repository's name, or two revisions are given.</exception>
    private HubReference Reference(ParseResult parsed)
    {
        var (name, revision) = (parsed.GetValue(_name)!, parsed.GetValue(_revision));
        if (revision is null)
            return HubReference.TryParse(name)
                ?? throw new UsageException($"'{name}': expected ORG/NAME as the hub has it, such as openai/clip-vit-base-patch16.");
        if (name.Contains('@', StringComparison.Ordinal))
            throw new UsageException($"'{name}' and --revision {revision}: expected only one revision.");
        return HubReference.TryParse($"{name}@{revision}")
            ?? throw new UsageException($"'{name}' --revision {revision}: expected ORG/NAME, and a branch, a tag or a commit.");
    }
}
