using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Adapters.Algebra.Conversion;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Vision.Loading;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>Writes an adapter of any family as LoRA.</summary>
internal sealed class MarketConvertCommand : ResultVerb<ConversionReport>
{
    private readonly Argument<string> _adapter = new("ADAPTER") { Description = "The adapter, of any family: a PEFT directory or a file." };
    private readonly Option<int> _rank = new("--rank")
    {
        Description = "The largest rank of a layer. Changes of higher rank are truncated, and the error is reported.",
        DefaultValueFactory = _ => 64,
    };
    private readonly Option<string> _out = new("--out")
    {
        Description = "Where to write the LoRA, as a PEFT directory.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly ModelOptions _model = new();

    public MarketConvertCommand()
        : base("convert", "Write an adapter of any family as a plain PEFT LoRA.", CliJson.Default.ConversionReport)
    {
        Arguments.Add(_adapter);
        foreach (var option in new Option[] { _rank, _out }) Options.Add(option);
        _model.AddTo(this, withAdapter: false);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run market convert tests/golden/clip/adapters/vera --model tests/golden/clip/model --out vera-as-lora",
        "./run market convert tests/golden/clip/adapters/oft --model tests/golden/clip/model --rank 16 --out oft-as-lora",
    ];

    protected override ConversionReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var (given, target, rank) = (parsed.GetValue(_adapter)!, parsed.GetValue(_out)!, parsed.GetValue(_rank));
        if (rank is < 1 or > 16_384) throw new UsageException($"--rank {rank}: expected 1 to 16384.");
        var path = AdapterPath.Find(given);
        PeftWriter.RequireReplaceable(target);
        _ = _model.Device(parsed);
        using var scope = torch.NewDisposeScope();
        using var model = ModelDirectory.Open(_model.Directory(parsed));
        using var adapter = AdapterCatalog.Default.Load(path, model.AdaptableLayers);
        using var converted = LoraConversion.Of(adapter, model.AdaptableLayers, model.ReadLayer, rank, cancellation);
        var id = HubCache.NameOf(model.Path);
        var report = new ConversionReport(
            id,
            ProductVersion.Text,
            TorchLibrary.Version,
            HubCache.NameOf(path),
            adapter.Revision,
            adapter.Family,
            adapter.ParameterCount,
            converted.Adapter.ParameterCount,
            converted.Layers.All(layer => layer.IsExact),
            converted.Layers.Max(layer => layer.RelativeError),
            converted.Layers
        );
        PeftWriter.Write(
            target, converted.Adapter, model.AdaptableLayers, id,
            addFiles: folder => RunFile.Write(folder, report, CliJson.Default.ConversionReport));
        return report;
    }

    protected override void Show(TextWriter output, ConversionReport result, ParseResult parsed)
    {
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{parsed.GetValue(_out)}: {result.Adapter} ({result.Family}, {result.Parameters} parameters) as LoRA of "
                    + $"{result.LoraParameters}; "
            )
                + (
                    result.IsExact
                        ? "exact except for rounding"
                        : string.Create(
                            CultureInfo.InvariantCulture,
                            $"loses up to {100 * result.LargestError:F1} % of a layer's change, by norm"
                        )
                )
        );
        var table = Tables.New("layer", "rank", "relative error");
        foreach (var layer in result.Layers)
            table.Row(
                layer.Layer,
                layer.Rank.ToString(CultureInfo.InvariantCulture),
                layer.IsExact ? "exact" : layer.RelativeError.ToString("0.000", CultureInfo.InvariantCulture)
            );
        output.WriteTable(table);
    }
}
