using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Evaluation.Calibration;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Safetensors;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>Embeds image files, for whatever else can use the vectors.</summary>
internal sealed class EmbedCommand : ResultVerb<EmbeddedFile[]>
{
    private readonly Argument<string[]> _files = new("FILES") { Description = "Image files.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _out = new("--out")
    {
        Description = "Write a safetensors file with image_embeds, [files, embedding] float32, and the files' names as metadata.",
        HelpName = "FILE.safetensors",
    };
    private readonly ModelOptions _model = new();

    public EmbedCommand()
        : base(
            "embed",
            "Embed image files: write a safetensors file or JSON, or print a summary of each.",
            CliJson.Default.EmbeddedFileArray
        )
    {
        Arguments.Add(_files);
        Options.Add(_out);
        _model.AddTo(this, withPrecision: true);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run embed samples/cup/*.jpg --out cups.safetensors",
        "./run embed samples/cup/image_0046.jpg --json",
    ];

    protected override EmbeddedFile[] Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var files = ImageFiles.Existing(parsed.GetValue(_files)!);
        using var model = _model.Load(parsed);
        var embeddings = new BatchEmbedder(model, new ImageDecoder(new ImageDecoderOptions()))
            .Embed(files.Distinct(StringComparer.Ordinal), File.ReadAllBytes, cancellation: cancellation);
        EmbeddedFile[] report = [.. files.Select(file => new EmbeddedFile(file, embeddings[file]))];
        if (parsed.GetValue(_out) is { } path)
            Save(path, report, model.Id, model.Revision);
        return report;
    }

    private static void Save(string path, EmbeddedFile[] report, string model, string revision)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
            throw new UsageException($"--out {path}: no folder '{folder}'.");
        using var tensor = torch.tensor(report.SelectMany(file => file.Embedding).ToArray()).reshape(report.Length, -1);
        SafetensorsWriter.Write(path, [("image_embeds", tensor)], new Dictionary<string, string>
        {
            ["model"] = model,
            ["revision"] = revision,
            ["files"] = string.Join('\n', report.Select(file => file.File)),
        });
    }

    protected override void Show(TextWriter output, EmbeddedFile[] result, ParseResult parsed)
    {
        if (parsed.GetValue(_out) is { } written)
        {
            output.WriteLine($"{written}: image_embeds [{result.Length}, {result[0].Embedding.Length}]");
            return;
        }
        var table = Tables.New("image", "values", "length", "first values");
        foreach (var (file, embedding) in result)
            table.Row(
                file, embedding.Length.ToString(CultureInfo.InvariantCulture),
                Math.Sqrt(embedding.Sum(v => (double)v * v)).ToString("0.000", CultureInfo.InvariantCulture),
                string.Join(' ', embedding.Take(4).Select(v => v.ToString("0.000", CultureInfo.InvariantCulture))));
        output.WriteTable(table);
    }
}
