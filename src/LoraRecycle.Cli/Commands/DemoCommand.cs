using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Demo;
using LoraRecycle.Cli.Errors;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Cli.Serving;
using LoraRecycle.Core.Evaluation;

namespace LoraRecycle.Cli.Commands;

/// <summary>Posts an episode of the sample photographs to a server and shows what it answers.</summary>
internal sealed class DemoCommand : Command, IVerb
{
    private readonly Option<string?> _url = new("--url") { Description = "A running server; without it, one is started on a free port and stopped again." };
    private readonly EpisodeOptions _episode = new(ways: 5, shots: "1", queries: 3);
    private readonly JsonOption _json = JsonOption.Create();

    public DemoCommand() : base("demo", "Post an episode of the photographs in samples/ to a server and print its predictions.")
    {
        Options.Add(_url);
        _episode.AddTo(this);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run demo",
        "./run demo --ways 8 --shots 5 --queries 4",
        "./run demo --url http://127.0.0.1:8080 --json",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var samples = ImageDataSet.Open(Installation.Samples);
        var shape = _episode.Shapes(parsed) is [var only] ? only : throw new UsageException("--shots takes one number here.");
        var episode = DemoEpisode.Draw(samples, shape, _episode.Seed(parsed));

        var url = parsed.GetValue(_url);
        await using var temporary = url is null ? await TemporaryServer.StartAsync([], cancellation) : null;
        using var client = new ClassifyClient(temporary?.Address ?? Address(url!));
        var answer = await client.ClassifyAsync(episode.Request, cancellation);

        var output = parsed.InvocationConfiguration.Output;
        var report = Report(episode, answer);
        if (parsed.GetValue(_json))
            CliJson.Write(output, report, CliJson.Default.DemoReport);
        else
            Show(output, report, shape);
        return ExitCode.Ok;
    }

    private static Uri Address(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new UsageException($"--url {url} is no address; expected such as http://127.0.0.1:8080.");

    private static DemoReport Report(DemoEpisode episode, ClassifyAnswer answer)
    {
        DemoRow[] rows =
        [
            .. answer.Predictions.Select(p => new DemoRow(
                episode.Queries[p.Query].Photograph, episode.Queries[p.Query].Shows, p.Label, p.Probability)),
        ];
        return new DemoReport(answer.Model.Vfm, answer.Model.MetaLora, rows.Count(r => r.Label == r.Shows), answer.Timing.TotalMs, rows);
    }

    private static void Show(TextWriter output, DemoReport report, EpisodeShape shape)
    {
        var table = Tables.New("photograph", "predicted", "probability", "");
        foreach (var row in report.Predictions)
            table.Row(row.Photograph, row.Label, row.Probability.ToString("0.000", CultureInfo.InvariantCulture), row.Label == row.Shows ? "right" : "wrong");
        output.WriteTable(table);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Correct} of {report.Predictions.Count} right, {shape.Ways}-way {shape.Shots}-shot, {report.Model}, {report.TotalMs:0} ms"));
    }
}
