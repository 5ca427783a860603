using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Adapters.Algebra.Analysis;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Vision.Loading;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>Says what an adapter of any family is, and measures what it does to each layer.</summary>
internal sealed class MarketInspectCommand : ResultVerb<InspectionReport>
{
    private readonly Argument<string> _adapter = new("ADAPTER") { Description = "The adapter, of any family: a PEFT directory or a file." };
    private readonly ModelOptions _model = new();

    public MarketInspectCommand()
        : base("inspect", "Show an adapter's family, size and ranks, and how far it changes each layer.", CliJson.Default.InspectionReport)
    {
        Arguments.Add(_adapter);
        _model.AddTo(this, withAdapter: false);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    ["./run market inspect tests/golden/clip/adapters/kasa --model tests/golden/clip/model"];

    protected override InspectionReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var path = AdapterPath.Find(parsed.GetValue(_adapter)!);
        _ = _model.Device(parsed);
        using var scope = torch.NewDisposeScope();
        using var model = ModelDirectory.Open(_model.Directory(parsed));
        using var adapter = AdapterCatalog.Default.Load(path, model.AdaptableLayers);
        var spectra = SpectrumAnalysis.Measure(
            adapter,
            model.AdaptableLayers,
            model.ReadLayer,
            new SpectrumSettings { Values = int.MaxValue },
            cancellation
        );
        return new InspectionReport(
            HubCache.NameOf(path), adapter.Revision, adapter.Family, HubCache.NameOf(model.Path),
            adapter.ParameterCount, adapter.Layers.Values.Max(layer => layer.NominalRank), adapter.Head?.Classes, adapter.ClassNames,
            [.. spectra.Select(layer => new InspectedLayer(
                layer.Layer, adapter.Layers[layer.Layer].Variant, layer.SingularValues.Count, layer.EffectiveRank, layer.RelativeNorm))],
            [.. adapter.Mixtures.Select(mixture => new InspectedMixture(mixture.Key, mixture.Value.Count, mixture.Value.Chosen))],
            adapter.PassedOver);
    }

    protected override void Show(TextWriter output, InspectionReport result, ParseResult parsed)
    {
        var rank = result.Rank is { } named ? string.Create(CultureInfo.InvariantCulture, $", rank {named}") : "";
        var head = result.ClassCount is { } count ? string.Create(CultureInfo.InvariantCulture, $", head of {count} classes") : "";
        var mixtures =
            result.Mixtures.Count == 0
                ? ""
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $" and {result.Mixtures.Count} {(result.Mixtures.Count == 1 ? "block" : "blocks")} of experts"
                );
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{result.Adapter}: {result.Family}{rank}, {result.Parameters} parameters in {result.Layers.Count} layers{mixtures}{head}"
            )
        );
        foreach (var mixture in result.Mixtures)
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{mixture.Block}: {mixture.Experts} experts, {mixture.Chosen} per token")
            );
        if (result.PassedOver.Count > 0)
            output.WriteLine(
                $"passed over, as the embedding does not depend on it: {string.Join(", ", result.PassedOver)}"
            );
        if (result.Layers.Count == 0)
            return;
        var table = Tables.New("layer", "variant", "rank", "effective rank", "change / weight");
        foreach (var layer in result.Layers)
            table.Row(
                layer.Layer,
                layer.Variant ?? "",
                layer.Rank.ToString(CultureInfo.InvariantCulture),
                layer.EffectiveRank.ToString("0.0", CultureInfo.InvariantCulture),
                layer.RelativeNorm.ToString("0.0000", CultureInfo.InvariantCulture)
            );
        output.WriteTable(table);
    }
}
