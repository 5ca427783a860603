using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Adapters.Algebra.Analysis;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Vision.Loading;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>Scales a LoRA's intruder dimensions down.</summary>
internal sealed class MarketTrimCommand : ResultVerb<TrimReport>
{
    private readonly Argument<string> _adapter = new("LORA") { Description = "The LoRA: a PEFT directory or a file." };
    private readonly Option<double> _share = new("--intruders")
    {
        Description = "How much of its singular value an intruder keeps: 0 for nothing, 1 for all.",
        DefaultValueFactory = _ => 0.3,
    };
    private readonly Option<double> _cosine = new("--cosine")
    {
        Description = "A direction is an intruder where its cosine with every one of the base is below this.",
        DefaultValueFactory = _ => new SpectrumSettings().IntruderCosine,
    };
    private readonly Option<string> _out = new("--out")
    {
        Description = "Where to write the LoRA, as a PEFT directory.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly ModelOptions _model = new();

    public MarketTrimCommand()
        : base("trim", "Scale down what a LoRA added to the model's largest directions from nowhere.", CliJson.Default.TrimReport)
    {
        Arguments.Add(_adapter);
        foreach (var option in new Option[] { _share, _cosine, _out }) Options.Add(option);
        _model.AddTo(this, withAdapter: false);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } = ["./run market trim my-lora --intruders 0.3 --out my-lora-trimmed"];

    protected override TrimReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var (target, share, cosine) = (parsed.GetValue(_out)!, parsed.GetValue(_share), parsed.GetValue(_cosine));
        if (share is not (>= 0 and <= 1)) throw new UsageException(FormattableString.Invariant($"--intruders {share}: expected 0 to 1."));
        if (cosine is not (> 0 and <= 1))
            throw new UsageException(FormattableString.Invariant($"--cosine {cosine}: expected above 0, to 1."));
        var path = AdapterPath.Find(parsed.GetValue(_adapter)!);
        PeftWriter.RequireReplaceable(target);
        _ = _model.Device(parsed);
        using var scope = torch.NewDisposeScope();
        using var model = ModelDirectory.Open(_model.Directory(parsed));
        using var adapter = AdapterCatalog.Default.Load(path, model.AdaptableLayers);
        using var trimmed = IntruderTrim.Of(
            adapter, model.AdaptableLayers, model.ReadLayer, share, new SpectrumSettings { IntruderCosine = cosine }, cancellation);
        var id = HubCache.NameOf(model.Path);
        var report = new TrimReport(
            id, ProductVersion.Text, HubCache.NameOf(path), adapter.Revision, share, trimmed.Layers.Sum(layer => layer.Intruders.Count),
            trimmed.Layers);
        PeftWriter.Write(
            target, trimmed.Adapter, model.AdaptableLayers, id,
            addFiles: folder => RunFile.Write(folder, report, CliJson.Default.TrimReport));
        return report;
    }

    protected override void Show(TextWriter output, TrimReport result, ParseResult parsed)
    {
        output.WriteLine($"{parsed.GetValue(_out)}: {result.Adapter} with {result.Intruders} intruders scaled down");
        var table = Tables.New("layer", "direction", "singular value", "cosine");
        foreach (var layer in result.Layers)
            foreach (var intruder in layer.Intruders)
                table.Row(
                    layer.Layer,
                    intruder.Direction.ToString(CultureInfo.InvariantCulture),
                    intruder.SingularValue.ToString("0.00", CultureInfo.InvariantCulture),
                    intruder.Cosine.ToString("0.00", CultureInfo.InvariantCulture));
        if (result.Intruders > 0) output.WriteTable(table);
    }
}
