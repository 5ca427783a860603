using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Demo;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.DataSets;

namespace LoraRecycle.Cli.Commands.Serving;

/// <summary>Posts an episode of the sample photographs to a server and shows what it answers, bare and with its meta-LoRA.</summary>
internal sealed class DemoCommand : Command, IVerb
{
    private readonly Option<string?> _url = new("--url")
    {
        Description = "A running server; without it, the demo starts one on a free port and stops it at the end.",
    };
    private readonly ServerKeyOption _key = ServerKeyOption.Create();
    private readonly EpisodeOptions _episode = new(ways: 5, shots: "1", queries: 3);
    private readonly JsonOption _json = JsonOption.Create();

    public DemoCommand()
        : base(
            "demo",
            "Send an episode of the photographs in samples/ to a server and print its predictions with the bare model and with the "
                + "active meta-LoRA, side by side."
        )
    {
        Options.Add(_url);
        Options.Add(_key);
        _episode.AddTo(this);
        Options.Add(_json);
        SetAction(RunAsync);
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run demo",
        "./run demo --ways 8 --shots 5 --queries 4",
        "./run demo --url http://127.0.0.1:8080 --json",
        "./run demo --url https://lora.example.org --key-file lora.key",
    ];

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var samples = ImageDataSet.Open(Installation.Samples);
        var shape = _episode.Shapes(parsed) is [var only] ? only : throw new UsageException("--shots takes one number here.");
        var episode = DemoEpisode.Draw(samples, shape, _episode.Seed(parsed));

        var url = parsed.GetValue(_url);
        if (url is null && parsed.GetValue(_key) is not null)
            throw new UsageException("--key-file needs --url; the demo's own server needs no key.");
        var key = url is null ? null : _key.Read(parsed);
        await using var temporary = url is null ? await TemporaryServer.StartAsync([], cancellation) : null;
        using var client = new ClassifyClient(temporary?.Address ?? ServerAddress.Parse(url!), key);
        var bare = await client.ClassifyAsync(episode.Request, cancellation);
        var adapted = await client.ClassifyAsync(episode.Request with { MetaLora = "default" }, cancellation);

        var output = parsed.InvocationConfiguration.Output;
        var report = new DemoReport(
            bare.Model.Vfm, shape.Ways, shape.Shots, DemoAnswer.Of(episode, bare),
            adapted.Model.MetaLora == DemoAnswer.Bare ? null : DemoAnswer.Of(episode, adapted));
        if (parsed.GetValue(_json))
            CliJson.Write(output, report, CliJson.Default.DemoReport);
        else
            Show(output, report);
        return ExitCode.Ok;
    }

    private static void Show(TextWriter output, DemoReport report)
    {
        var table = Tables.New(["photograph", .. report.Answers.SelectMany(answer => new[] { Title(answer), "probability", "" })]);
        for (var i = 0; i < report.Bare.Predictions.Count; i++)
            table.Row([report.Bare.Predictions[i].Photograph, .. report.Answers.SelectMany(answer => Cells(answer.Predictions[i]))]);
        output.WriteTable(table);
        foreach (var answer in report.Answers)
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Title(answer)}: {answer.Correct} of {answer.Predictions.Count} right, {report.Ways}-way {report.Shots}-shot, "
                        + $"{report.Model}, {answer.Accuracy * 100:0.0} %, {answer.TotalMs:0} ms"
                )
            );
        if (report.MetaLora is null)
            output.WriteLine("This server has no active meta-LoRA, so only the bare model's answers are shown.");
    }

    private static string Title(DemoAnswer answer) => answer.MetaLora == DemoAnswer.Bare ? "bare model" : $"meta-LoRA {answer.MetaLora}";

    private static string[] Cells(DemoRow row) =>
        [row.Label, row.Probability.ToString("0.000", CultureInfo.InvariantCulture), row.IsRight ? "right" : "wrong"];
}
