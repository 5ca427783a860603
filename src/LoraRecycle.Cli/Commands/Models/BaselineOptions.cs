using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Core.Evaluation.Methods;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Core.Vision.Transformer;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>How the compared methods are tuned; the defaults are <see cref="BaselineSettings"/>'.</summary>
internal sealed class BaselineOptions
{
    // What the activations of a batch may take, of a GPU's memory and of a machine's.
    private const long ActivationsOnGpu = 24L << 30;
    private const long ActivationsOnCpu = 2L << 30;

    private static readonly BaselineSettings Usual = new();

    private readonly Option<string> _sumWeights = Of(
        "--sum-weight",
        "Factors for the sum of the LoRAs, one row each; 3/N is 3 over the number of LoRAs.",
        string.Join(',', Usual.SumWeights)
    );
    private readonly Option<int> _headSteps = Of("--head-steps", "linear, avg-linear, lorahub: steps of a linear head.", Usual.Head.Steps);
    private readonly Option<double> _headRate = Of("--head-lr", "Learning rate of every linear head.", Usual.Head.LearningRate);
    private readonly Option<int> _loraSteps = Of("--lora-steps", "lora-linear: steps.", Usual.Lora.Steps);
    private readonly Option<double> _loraRate = Of("--lora-lr", "lora-linear: learning rate.", Usual.Lora.LearningRate);
    private readonly Option<int> _rank = Of("--rank", "lora-linear, real-meta: rank, on q and v.", Usual.Rank);
    private readonly Option<int> _fullSteps = Of("--full-steps", "full: steps.", Usual.Full.Steps);
    private readonly Option<double> _fullRate = Of("--full-lr", "full: learning rate.", Usual.Full.LearningRate);
    private readonly Option<int?> _slow = new("--slow-episodes")
    {
        Description = "full: run only this many episodes, the first ones. [default: all]",
    };
    private readonly Option<int> _hubEvaluations = Of("--hub-evaluations", "lorahub: loss evaluations per task.", Usual.HubEvaluations);
    private readonly Option<double> _hubStep = Of("--hub-step", "lorahub: initial step size of the search.", Usual.HubStepSize);
    private readonly Option<int> _moleSteps = Of("--mole-steps", "mole: steps.", Usual.Mole.Steps);
    private readonly Option<double> _moleRate = Of("--mole-lr", "mole: learning rate.", Usual.Mole.LearningRate);
    private readonly Option<int> _realSteps = Of(
        "--real-steps",
        "pmf, real-meta: steps of meta-training on real images.",
        Usual.RealMeta.Iterations
    );
    private readonly Option<double> _pmfRate = Of("--pmf-lr", "pmf: learning rate of meta-training.", Usual.Pmf.LearningRate);
    private readonly Option<double> _metaRate = Of("--real-meta-lr", "real-meta: learning rate.", Usual.RealMeta.PeakLearningRate);
    private readonly Option<bool> _noFlips = new("--no-flips")
    {
        Description = "pmf, real-meta: do not mirror images; for images with a fixed left and right, such as writing.",
    };
    private readonly Option<int> _pmfTuning = Of(
        "--pmf-tuning-steps",
        "pmf: tuning steps on each task, with augmented support images as queries.",
        Usual.PmfFineTuning.Steps
    );
    private readonly Option<double> _pmfTuningRate = Of(
        "--pmf-tuning-lr",
        "pmf: learning rate of tuning on each task.",
        Usual.PmfFineTuning.LearningRate
    );
    private readonly Option<int?> _imagesAtOnce = new("--images-at-once")
    {
        Description = "Support images to tune on at once. [default: as many as fit in memory]",
    };
    private readonly Option<bool> _exact = new("--exact") { Description = "On a GPU, multiply in full float32 instead of TF32." };

    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[]
            {
                _sumWeights,
                _headSteps,
                _headRate,
                _loraSteps,
                _loraRate,
                _rank,
                _fullSteps,
                _fullRate,
                _slow,
                _hubEvaluations,
                _hubStep,
                _moleSteps,
                _moleRate,
                _realSteps,
                _pmfRate,
                _metaRate,
                _noFlips,
                _pmfTuning,
                _pmfTuningRate,
                _imagesAtOnce,
                _exact,
            }
        )
            command.Options.Add(option);
    }

    public int SlowEpisodes(ParseResult parsed) => parsed.GetValue(_slow) switch
    {
        null => int.MaxValue,
        { } episodes when episodes >= 1 => episodes,
        { } episodes => throw new UsageException($"--slow-episodes {episodes}: expected at least 1."),
    };

    public bool Exact(ParseResult parsed) => parsed.GetValue(_exact);

    public int ImagesAtOnce(ParseResult parsed, FrozenModel model) =>
        parsed.GetValue(_imagesAtOnce) switch
        {
            null => (int)
                Math.Clamp(
                    (model.Device.type == DeviceType.CPU ? ActivationsOnCpu : ActivationsOnGpu) / ActivationsOf(model.Transformer.Config),
                    1,
                    100_000
                ),
            { } images when images >= 1 => images,
            { } images => throw new UsageException($"--images-at-once {images}: expected at least 1."),
        };

    /// <param name="parsed">The command line.</param>
    /// <param name="seed">The episodes'.</param>
    /// <param name="shots">The evaluated shapes' shots: meta-training on real images takes turns between them.</param>
    /// <param name="ways">The evaluated shapes' ways.</param>
    /// <exception cref="UsageException">A setting is out of its range.</exception>
    public BaselineSettings Settings(ParseResult parsed, long seed, IReadOnlyList<int> shots, int ways)
    {
        var headRate = Positive(_headRate, parsed);
        return new BaselineSettings
        {
            Seed = seed,
            SumWeights = [.. NameList.Parse(parsed.GetValue(_sumWeights)!).Select(SumWeight)],
            Head = new AdamSteps(AtLeast(0, _headSteps, parsed), headRate),
            Lora = Adam(_loraSteps, _loraRate, parsed) with { HeadLearningRate = headRate },
            Rank = AtLeast(1, _rank, parsed),
            Full = Adam(_fullSteps, _fullRate, parsed) with { HeadLearningRate = headRate },
            Mole = Adam(_moleSteps, _moleRate, parsed) with { HeadLearningRate = headRate },
            HubEvaluations = AtLeast(1, _hubEvaluations, parsed),
            HubStepSize = Positive(_hubStep, parsed),
            Pmf = Usual.Pmf with
            {
                Steps = AtLeast(1, _realSteps, parsed),
                Shots = shots,
                Ways = ways,
                Flips = !parsed.GetValue(_noFlips),
                LearningRate = Positive(_pmfRate, parsed),
            },
            RealMeta = RealMeta(parsed, seed, shots, ways),
            PmfFineTuning = Adam(_pmfTuning, _pmfTuningRate, parsed),
        };
    }

    /// <summary>Bytes that a training pass keeps of an image: in each layer some 28 numbers a token and hidden unit, the feed-forward part
    /// four wide.</summary>
    private static long ActivationsOf(VisionTransformerConfig config) =>
        28L * sizeof(float) * config.LayerCount * config.TokenCount * config.HiddenSize;

    private static AdamSteps Adam(Option<int> steps, Option<double> rate, ParseResult parsed) =>
        new(AtLeast(0, steps, parsed), Positive(rate, parsed));

    private DistillationSettings RealMeta(ParseResult parsed, long seed, IReadOnlyList<int> shots, int ways)
    {
        var (rank, rate) = (AtLeast(1, _rank, parsed), Positive(_metaRate, parsed));
        return Usual.RealMeta with
        {
            Iterations = AtLeast(1, _realSteps, parsed),
            Shots = shots,
            InterpolationWays = ways,
            Rank = rank,
            Alpha = rank,
            PeakLearningRate = rate,
            FloorLearningRate = Math.Min(Usual.RealMeta.FloorLearningRate, rate),
            Augmentation = new Augmentation { Mirror = !parsed.GetValue(_noFlips) },
            Seed = unchecked((int)seed),
        };
    }

    private static SumWeight SumWeight(string text)
    {
        var perLora = text.EndsWith("/N", StringComparison.Ordinal);
        return
            double.TryParse(perLora ? text[..^2] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value)
            ? new SumWeight(value, perLora)
            : throw new UsageException($"--sum-weight: expected factors such as 1 or 3/N; got '{text}'.");
    }

    private static int AtLeast(int least, Option<int> option, ParseResult parsed) =>
        parsed.GetValue(option) is var value && value >= least
            ? value
            : throw new UsageException($"{option.Name} {value}: expected at least {least}.");

    private static double Positive(Option<double> option, ParseResult parsed) =>
        parsed.GetValue(option) is var value && value is > 0 and < double.PositiveInfinity
            ? value : throw new UsageException(FormattableString.Invariant($"{option.Name} {value}: expected more than 0."));

    private static Option<T> Of<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
