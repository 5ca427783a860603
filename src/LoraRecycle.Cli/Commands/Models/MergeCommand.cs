using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Vision.Loading;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>Sums adapters into one.</summary>
internal sealed class MergeCommand : ResultVerb<MergeReport>
{
    private readonly Option<string[]> _adapters = new("--adapter")
    {
        Description = "An adapter and its factor; may be repeated.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "DIR|ORG/NAME=WEIGHT",
    };
    private readonly Option<int> _rank = new("--rank") { Description = "The rank of the sum.", DefaultValueFactory = _ => 16 };
    private readonly Option<string> _out = new("--out")
    {
        Description = "Where to write the sum, as a PEFT directory.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly ModelOptions _model = new();

    public MergeCommand() : base("merge", "Sum adapters, each times a factor, into one LoRA of a given rank.", CliJson.Default.MergeReport)
    {
        foreach (var option in new Option[] { _adapters, _rank, _out }) Options.Add(option);
        _model.AddTo(this, withAdapter: false);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run merge --adapter photographs=0.7 --adapter drawings=0.7 --rank 32 --out models/meta-loras/both",
        "./run merge --adapter models/meta-loras/default=0.5 --out half-way-to-the-bare-model",
    ];

    protected override MergeReport Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var rank = parsed.GetValue(_rank);
        if (rank is < 1 or > 1024) throw new UsageException($"--rank {rank}: expected 1 to 1024.");
        var wanted = parsed.GetValue(_adapters)!.Select(Parse).ToArray();
        var device = _model.Device(parsed);
        using var scope = torch.NewDisposeScope();
        using var model = FrozenModel.Load(_model.Directory(parsed), device);
        var members = new List<(Adapter Adapter, double Weight)>();
        try
        {
            foreach (var (path, weight) in wanted)
                members.Add((AdapterCatalog.Default.Load(path, model.Transformer.AdaptableLayers, device), weight));
            using var merged = MergedLora.Of(model.Transformer.FrozenLayers, members, rank);
            var report = new MergeReport(
                model.Id,
                ProductVersion.Text,
                TorchLibrary.Version,
                [
                    .. wanted.Zip(
                        members,
                        (given, member) =>
                            new MergedMember(
                                HubCache.NameOf(given.Path),
                                member.Adapter.Revision,
                                given.Weight
                            )
                    ),
                ],
                rank,
                merged.Lost.Values.Max()
            );
            PeftWriter.Write(
                parsed.GetValue(_out)!, merged.Adapter, model.Transformer.AdaptableLayers, model.Id, torch.ScalarType.Float16,
                addFiles: folder => RunFile.Write(folder, report, CliJson.Default.MergeReport));
            return report;
        }
        finally
        {
            members.ForEach(member => member.Adapter.Dispose());
        }
    }

    protected override void Show(TextWriter output, MergeReport result, ParseResult parsed) =>
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{parsed.GetValue(_out)}: {result.Members.Count} adapters merged into one of rank {result.Rank}, which loses at most "
                    + $"{100 * result.LargestLoss:F2} % of a layer's squared norm"
            )
        );

    private static (string Path, double Weight) Parse(string given)
    {
        var at = given.LastIndexOf('=');
        return
            at > 0
            && double.TryParse(
                given.AsSpan(at + 1),
                NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out var weight
            )
            ? (AdapterPath.Find(given[..at]), weight)
            : throw new UsageException($"--adapter {given}: expected an adapter and a factor, such as my-lora=0.7.");
    }
}
