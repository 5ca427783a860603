using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra;
using LoraRecycle.Core.Evaluation.Methods.Frozen;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Evaluation.Methods.Mixed;
using LoraRecycle.Core.Evaluation.Methods.Tuned;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Evaluation.Methods;

/// <summary>The methods that can be compared, by name. The one place that lists them.</summary>
public static class MethodCatalog
{
    public const string NearestPrototypeName = "nn";

    private static readonly Dictionary<string, (DataUse Uses, Func<BaselineSettings, IEnumerable<IFewShotMethod>> Make)> Known = new(
        StringComparer.Ordinal
    )
    {
        [NearestPrototypeName] = (
            DataUse.None,
            _ => [new NearestPrototype(FrozenModelChoice.Bare(NearestPrototypeName, "nearest prototype (NN)"))]
        ),
        ["avg-nn"] = (DataUse.Market, _ => [new NearestPrototype(FrozenModelChoice.Average("avg-nn", "LoRAs Avg + NN"))]),
        ["sum-nn"] = (DataUse.Market, settings => settings.SumWeights.Select(Sum)),
        ["linear"] = (
            DataUse.SupportTuning,
            settings => [new LinearProbe(FrozenModelChoice.Bare("linear", "linear probe"), settings.Head)]
        ),
        ["lora-linear"] = (DataUse.SupportTuning, settings => [new LoraTuning(settings.Lora, settings.Rank, settings.Targets)]),
        ["full"] = (DataUse.SupportTuning, settings => [new FullTuning(settings.Full)]),
        ["avg-linear"] = (
            DataUse.Market | DataUse.SupportTuning,
            settings => [new LinearProbe(FrozenModelChoice.Average("avg-linear", "LoRAs Avg + linear"), settings.Head)]
        ),
        ["lorahub"] = (
            DataUse.Market | DataUse.SupportTuning,
            settings => [new LoraHub(settings.HubEvaluations, settings.HubStepSize, settings.Head)]
        ),
        ["mole"] = (DataUse.Market | DataUse.SupportTuning, settings => [new MixtureOfLoras(settings.Mole)]),
        [Pmf.MethodName] = (DataUse.RealData, settings => [new Pmf(settings.Pmf, settings.PmfFineTuning, settings.Seed)]),
        [RealMetaLora.Name] = (DataUse.RealData, settings => [RealMetaLora.Of(settings.RealMeta)]),
    };

    /// <summary>The published tuners, which are run only where they are named: they take an episode after the other.</summary>
    private static readonly Dictionary<string, TuningMethod> Tuners = TuningMethods
        .All.Where(method => method.Name != TuningMethods.Plain)
        .ToDictionary(method => method.Name + TunedEpisodes.Suffix, StringComparer.Ordinal);

    /// <summary>In the order of a table.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. Known.Keys, .. Tuners.Keys];

    /// <summary>Those of the known methods that need no more than this.</summary>
    public static IEnumerable<string> NamesWith(DataUse available) =>
        Known.Where(method => (method.Value.Uses & ~available & ~DataUse.SupportTuning) == 0).Select(method => method.Key);

    /// <summary>What a method needs, or null where there is none of that name.</summary>
    public static DataUse? UsesOf(string name) =>
        Known.TryGetValue(name, out var method) ? method.Uses : Tuners.ContainsKey(name) ? DataUse.SupportTuning : null;

    /// <summary>The rows that a name stands for.</summary>
    /// <exception cref="KeyNotFoundException">There is no such method.</exception>
    public static IEnumerable<IFewShotMethod> Create(string name, BaselineSettings settings) =>
        Tuners.TryGetValue(name, out var tuner) ? [new TunedEpisodes(tuner, settings.Tuning)] : Known[name].Make(settings);

    /// <summary>Nearest prototypes with a meta-LoRA: the paper's own method at test time.</summary>
    /// <param name="name">What tells it from other meta-LoRAs.</param>
    /// <param name="path">Where it came from, for the record.</param>
    /// <param name="adapter">The meta-LoRA; not owned.</param>
    public static IFewShotMethod MetaLora(string name, string path, Adapter adapter) =>
        new NearestPrototype(
            new FrozenModelChoice(
                $"meta-lora:{name}",
                $"LoRA Recycle ({name})",
                DataUse.Market,
                (bench, _, _) => AdapterSum.Of(bench.Model.FrozenLayers, [adapter], weight: 1),
                new Dictionary<string, string> { ["adapter"] = path, ["revision"] = adapter.Revision }
            )
        );

    private static NearestPrototype Sum(SumWeight weight) =>
        new(
            new FrozenModelChoice(
                $"sum-nn:{weight}",
                $"LoRAs Sum x {weight} + NN",
                DataUse.Market,
                (bench, _, _) => AdapterSum.Of(bench.Model.FrozenLayers, bench.Loras, weight.For(bench.Loras.Count)),
                new Dictionary<string, string> { ["weight"] = weight.ToString() }
            )
        );
}
