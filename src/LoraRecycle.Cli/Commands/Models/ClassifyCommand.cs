using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Evaluation.Calibration;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.FewShot.Classification;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>Classifies image files by the labelled images of class folders, without a server.</summary>
internal sealed class ClassifyCommand : ResultVerb<ClassifiedFile[]>
{
    private readonly Argument<string> _support = new("DIR") { Description = "The support set: a folder (or ZIP) of class folders." };
    private readonly Argument<string[]> _queries = new("QUERY")
    {
        Description = "Image files to classify.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly ModelOptions _model = new();

    public ClassifyCommand()
        : base(
            "classify",
            "Classify image files from class folders of labelled images, without a server.",
            CliJson.Default.ClassifiedFileArray
        )
    {
        Arguments.Add(_support);
        Arguments.Add(_queries);
        _model.AddTo(this, withPrecision: true);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run classify samples samples/cup/image_0046.jpg samples/chair/image_0051.jpg",
        "./run classify samples samples/cup/image_0046.jpg --adapter default",
        "./run classify my-products.zip unknown/*.jpg --json",
    ];

    protected override ClassifiedFile[] Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var queries = ImageFiles.Existing(parsed.GetValue(_queries)!);
        using var support = NamedDataSet.Open(parsed, parsed.GetValue(_support)!);
        if (support.Classes.Count < 2)
            throw new UsageException($"Classification needs at least 2 classes; '{support.Name}' has only '{support.Classes[0].Name}'.");

        using var model = _model.Load(parsed);
        var calibration = _model.Calibration(parsed, model).Calibration;
        var embedder = new BatchEmbedder(model, new ImageDecoder(new ImageDecoderOptions()));
        var shots = embedder.Embed(support.Classes.SelectMany(c => c.Images), support.Read, cancellation: cancellation);
        var classifier = new PrototypeClassifier(new SupportSet(
            [.. support.Classes.Select(c => new SupportClass(c.Name, [.. c.Images.Select(image => shots[image])]))]), calibration);
        var embeddings = embedder.Embed(queries.Distinct(StringComparer.Ordinal), File.ReadAllBytes, cancellation: cancellation);
        return [.. queries.Select(file => ClassifiedFile.Of(file, classifier.Classify(embeddings[file]), classifier.Temperature.Source))];
    }

    protected override void Show(TextWriter output, ClassifiedFile[] result, ParseResult parsed)
    {
        var table = Tables.New("image", "label", "probability", "next");
        foreach (var file in result)
            table.Row(
                file.File,
                file.Label,
                Probability(file.Probability),
                $"{file.Scores[1].Label} {Probability(file.Scores[1].Probability)}"
            );
        output.WriteTable(table);
        if (result[0].Calibration == CalibrationNames.Of(CalibrationSource.None))
            output.WriteLine("The probabilities are not calibrated: the model has no calibration.json, and a class has a single image.");

        static string Probability(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
    }
}
