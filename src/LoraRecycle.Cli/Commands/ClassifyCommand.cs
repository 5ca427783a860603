using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Errors;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Evaluation;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Cli.Commands;

/// <summary>Classifies image files by the labelled images of class folders, without a server.</summary>
internal sealed class ClassifyCommand : Command, IVerb
{
    private readonly Argument<string> _support = new("DIR") { Description = "The support set: a folder (or ZIP) of class folders." };
    private readonly Argument<string[]> _queries = new("QUERY") { Description = "Image files to classify.", Arity = ArgumentArity.OneOrMore };
    private readonly ModelOptions _model = new();
    private readonly JsonOption _json = JsonOption.Create();

    public ClassifyCommand() : base("classify", "Classify image files by class folders of labelled images, without a server.")
    {
        Arguments.Add(_support);
        Arguments.Add(_queries);
        _model.AddTo(this);
        Options.Add(_json);
        SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), cancellation));
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run classify samples samples/cup/image_0046.jpg samples/chair/image_0051.jpg",
        "./run classify samples samples/cup/image_0046.jpg --adapter default",
        "./run classify my-products.zip unknown/*.jpg --json",
    ];

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var queries = ImageFiles.Existing(parsed.GetValue(_queries)!);
        using var support = ImageDataSet.Open(parsed.GetValue(_support)!);
        if (support.Classes.Count < 2)
            throw new UsageException($"Classification needs at least 2 classes; '{support.Name}' holds only '{support.Classes[0].Name}'.");

        using var model = _model.Load(parsed);
        var embedder = new BatchEmbedder(model, new ImageDecoder(new ImageDecoderOptions()));
        var shots = embedder.Embed(support.Classes.SelectMany(c => c.Images), support.Read, cancellation: cancellation);
        var classifier = new PrototypeClassifier(new SupportSet(
            [.. support.Classes.Select(c => new SupportClass(c.Name, [.. c.Images.Select(image => shots[image])]))]));
        var embeddings = embedder.Embed(queries.Distinct(StringComparer.Ordinal), File.ReadAllBytes, cancellation: cancellation);
        ClassifiedFile[] report = [.. queries.Select(file => ClassifiedFile.Of(file, classifier.Classify(embeddings[file])))];

        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
            CliJson.Write(output, report, CliJson.Default.ClassifiedFileArray);
        else
            Show(output, report);
        return ExitCode.Ok;
    }

    private static void Show(TextWriter output, ClassifiedFile[] report)
    {
        var table = Tables.New("image", "label", "probability", "next");
        foreach (var file in report)
            table.Row(file.File, file.Label, Probability(file.Probability), $"{file.Scores[1].Label} {Probability(file.Scores[1].Probability)}");
        output.WriteTable(table);

        static string Probability(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
    }
}
