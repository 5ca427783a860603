using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Errors;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Evaluation;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Safetensors;
using TorchSharp;

namespace LoraRecycle.Cli.Commands;

/// <summary>Embeds image files, for whatever else can use the vectors.</summary>
internal sealed class EmbedCommand : Command, IVerb
{
    private readonly Argument<string[]> _files = new("FILES") { Description = "Image files.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _out = new("--out") { Description = "Write a safetensors file with image_embeds, [files, embedding] float32, and the files' names as metadata.", HelpName = "FILE.safetensors" };
    private readonly ModelOptions _model = new();
    private readonly JsonOption _json = JsonOption.Create();

    public EmbedCommand() : base("embed", "Embed image files: to a safetensors file, as JSON, or a summary of each.")
    {
        Arguments.Add(_files);
        Options.Add(_out);
        _model.AddTo(this);
        Options.Add(_json);
        SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run embed samples/cup/*.jpg --out cups.safetensors",
        "./run embed samples/cup/image_0046.jpg --json",
    ];

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var files = ImageFiles.Existing(parsed.GetValue(_files)!);
        using var model = _model.Load(parsed);
        var embeddings = new BatchEmbedder(model, new ImageDecoder(new ImageDecoderOptions()))
            .Embed(files.Distinct(StringComparer.Ordinal), File.ReadAllBytes, cancellation: cancellation);
        EmbeddedFile[] report = [.. files.Select(file => new EmbeddedFile(file, embeddings[file]))];

        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_out) is { } path)
            Save(path, report, model.Id, model.Revision);
        if (parsed.GetValue(_json))
            CliJson.Write(output, report, CliJson.Default.EmbeddedFileArray);
        else if (parsed.GetValue(_out) is { } written)
            output.WriteLine($"{written}: image_embeds [{report.Length}, {model.EmbeddingLength}]");
        else
            Show(output, report);
        return ExitCode.Ok;
    }

    private static void Save(string path, EmbeddedFile[] report, string model, string revision)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new UsageException($"--out {path}: there is no folder '{folder}'.");
        using var tensor = torch.tensor(report.SelectMany(file => file.Embedding).ToArray()).reshape(report.Length, -1);
        SafetensorsWriter.Write(path, [("image_embeds", tensor)], new Dictionary<string, string>
        {
            ["model"] = model,
            ["revision"] = revision,
            ["files"] = string.Join('\n', report.Select(file => file.File)),
        });
    }

    private static void Show(TextWriter output, EmbeddedFile[] report)
    {
        var table = Tables.New("image", "values", "length", "first values");
        foreach (var (file, embedding) in report)
            table.Row(
                file, embedding.Length.ToString(CultureInfo.InvariantCulture),
                Math.Sqrt(embedding.Sum(v => (double)v * v)).ToString("0.000", CultureInfo.InvariantCulture),
                string.Join(' ', embedding.Take(4).Select(v => v.ToString("0.000", CultureInfo.InvariantCulture))));
        output.WriteTable(table);
    }
}
