using System.CommandLine;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Cli.Commands.Recycling;

/// <summary>How LoRAs are inverted; the defaults are <see cref="InversionSettings"/>'s.</summary>
/// <param name="stage">What stands before their names in a verb that has another stage too, which then has one seed for both.</param>
internal sealed class InversionOptions(string stage = "")
{
    private static readonly InversionSettings Default = new();

    private readonly Option<string?> _prior = new($"--{stage}prior")
    {
        Description = "The network of R_BN: safetensors of a ResNet with torchvision's names, or none. A folder may say in "
            + "preprocessor_config.json how it wants its pixels. [default: models/resnet18-96]",
        HelpName = "DIR|FILE",
    };
    private readonly Option<int> _iterations = new($"--{stage}iterations")
    {
        Description = "Steps of gradient descent on the pixels.",
        DefaultValueFactory = _ => Default.Iterations,
    };
    private readonly Option<int> _images = new($"--{stage}images")
    {
        Description = "Images per class.",
        DefaultValueFactory = _ => Default.ImagesPerClass,
    };
    private readonly Option<double> _learningRate = new($"--{stage}lr")
    {
        Description = "Adam's learning rate.",
        DefaultValueFactory = _ => Default.LearningRate,
    };
    private readonly Option<double> _alpha = new($"--{stage}alpha")
    {
        Description = "The weight of R_BN.",
        DefaultValueFactory = _ => Default.PriorWeight,
    };
    private readonly Option<string> _pruning = new($"--{stage}pruning")
    {
        Description = "Share of image tokens to drop at each layer, such as 8:.5,11:.5, or none.",
        DefaultValueFactory = _ => "none",
    };
    private readonly Option<double> _pruningStart = new($"--{stage}pruning-start")
    {
        Description = "The share of iterations after which pruning begins.",
        DefaultValueFactory = _ => Default.PruningStart,
    };
    private readonly Option<double> _jitter = new($"--{stage}jitter")
    {
        Description = "Largest roll of an image before each pass, as a share of its side.",
        DefaultValueFactory = _ => Default.Jitter,
    };
    private readonly Option<double> _flip = new($"--{stage}flip")
    {
        Description = "Probability that images are mirrored before each pass; 0 for images with a fixed left and right, such as writing.",
        DefaultValueFactory = _ => Default.FlipProbability,
    };
    private readonly Option<int> _canvas = new($"--{stage}canvas")
    {
        Description = "Side of the images in pixels, seen through random crops; 0 for the model's own size.",
        DefaultValueFactory = _ => Default.Canvas,
    };
    private readonly Option<double> _diversity = new($"--{stage}diversity")
    {
        Description = "How strongly images of a class are pushed apart.",
        DefaultValueFactory = _ => Default.DiversityWeight,
    };
    private readonly Option<double> _mixed = new($"--{stage}mixed-labels")
    {
        Description = "The share of images that also show a second class.",
        DefaultValueFactory = _ => Default.MixedLabels,
    };
    private readonly Option<long> _seed = new("--seed")
    {
        Description = "The same seed makes the same images.",
        DefaultValueFactory = _ => Default.Seed,
    };
    private readonly Option<int> _checkpoint = new($"--{stage}checkpoint-every")
    {
        Description = "Iterations between checkpoints.",
        DefaultValueFactory = _ => Default.CheckpointEvery,
    };
    private readonly Option<int> _report = new($"--{stage}report-every")
    {
        Description = "Iterations between loss reports; each report waits for the device.",
        DefaultValueFactory = _ => Default.ReportEvery,
    };

    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[]
            {
                _prior,
                _iterations,
                _images,
                _learningRate,
                _alpha,
                _pruning,
                _pruningStart,
                _jitter,
                _flip,
                _canvas,
                _diversity,
                _mixed,
                _checkpoint,
                _report,
            }
        )
            command.Options.Add(option);
        if (stage.Length == 0) command.Options.Add(_seed);
    }

    /// <exception cref="UsageException">The pruning cannot be read.</exception>
    public InversionSettings Settings(ParseResult parsed)
    {
        try
        {
            return new InversionSettings
            {
                Iterations = parsed.GetValue(_iterations),
                ImagesPerClass = parsed.GetValue(_images),
                LearningRate = parsed.GetValue(_learningRate),
                PriorWeight = PriorPath(parsed) is null ? 0 : parsed.GetValue(_alpha),
                Pruning = TokenPruning.Parse(parsed.GetValue(_pruning)!),
                PruningStart = parsed.GetValue(_pruningStart),
                Jitter = parsed.GetValue(_jitter),
                FlipProbability = parsed.GetValue(_flip),
                Canvas = parsed.GetValue(_canvas),
                DiversityWeight = parsed.GetValue(_diversity),
                MixedLabels = parsed.GetValue(_mixed),
                Seed = parsed.GetValue(_seed),
                CheckpointEvery = parsed.GetValue(_checkpoint),
                ReportEvery = parsed.GetValue(_report),
            };
        }
        catch (FormatException wrong)
        {
            throw new UsageException($"{_pruning.Name}: {wrong.Message}");
        }
    }

    /// <returns>Null where no prior is wanted.</returns>
    public string? PriorPath(ParseResult parsed) => parsed.GetValue(_alpha) == 0 ? null : parsed.GetValue(_prior) switch
    {
        null => Installation.DefaultPrior,
        "none" => null,
        var path => path,
    };
}
