using System.CommandLine;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Loading;
using TorchSharp;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>How LoRAs are tuned and stored: what <c>tune</c> and <c>market build</c> have in common.</summary>
internal sealed class TuningOptions
{
    private static readonly TuningSettings Usual = new();

    private readonly Option<double?> _alpha = new("--alpha")
    {
        Description = "B A is scaled by alpha / rank. [default: the rank, so a factor of 1]",
    };
    private readonly Option<bool> _noHeadBias = new("--no-head-bias") { Description = "Tune a linear head without a bias." };
    private readonly Option<int> _steps = new("--steps")
    {
        Description = "Training steps, one batch each.",
        DefaultValueFactory = _ => Usual.Steps,
    };
    private readonly Option<int> _batch = new("--batch") { Description = "Images per batch.", DefaultValueFactory = _ => Usual.BatchSize };
    private readonly Option<double> _learningRate = new("--lr")
    {
        Description = "Adam's learning rate.",
        DefaultValueFactory = _ => Usual.LearningRate,
    };
    private readonly Option<bool> _noFlips = new("--no-flips")
    {
        Description = "Do not mirror images at random; for images with a fixed left and right, such as writing.",
    };
    private readonly Option<double> _heldOut = new("--held-out")
    {
        Description = "The share of each class's images to hold out for testing.",
        DefaultValueFactory = _ => 0.2,
    };
    private readonly Option<string> _dtype = new("--dtype")
    {
        Description = "How tensors are stored: float16 or float32.",
        DefaultValueFactory = _ => "float16",
    };
    private readonly Option<long> _seed = new("--seed")
    {
        Description = "The same seed gives the same LoRAs on the same device.",
        DefaultValueFactory = _ => 0,
    };
    private readonly ModelOptions _model = new();

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _alpha, _noHeadBias, _steps, _batch, _learningRate, _noFlips, _heldOut, _dtype, _seed })
            command.Options.Add(option);
        _model.AddTo(command, withAdapter: false);
    }

    public long Seed(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>Everything but rank and targets.</summary>
    public TuningSettings Settings(ParseResult parsed) => new()
    {
        Alpha = parsed.GetValue(_alpha),
        HasHeadBias = !parsed.GetValue(_noHeadBias),
        Steps = parsed.GetValue(_steps),
        BatchSize = parsed.GetValue(_batch),
        LearningRate = parsed.GetValue(_learningRate),
        Flips = !parsed.GetValue(_noFlips),
        Seed = Seed(parsed),
    };

    public FrozenModel Load(ParseResult parsed) => _model.LoadFrozen(parsed);

    public LoraRun Run(ParseResult parsed, FrozenModel model, ImageDataSet data) =>
        new(
            model,
            new TaskImages(data, model.Preprocessor, new HeldOutSplit(parsed.GetValue(_heldOut), Seed(parsed))),
            DType(parsed),
            TimeProvider.System
        );

    private torch.ScalarType DType(ParseResult parsed) => parsed.GetValue(_dtype) switch
    {
        "float16" => torch.ScalarType.Float16,
        "float32" => torch.ScalarType.Float32,
        var other => throw new UsageException($"--dtype {other}: expected float16 or float32."),
    };
}
