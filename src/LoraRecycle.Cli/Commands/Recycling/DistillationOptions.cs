using System.CommandLine;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Core.Method.Distillation;

namespace LoraRecycle.Cli.Commands.Recycling;

/// <summary>The settings of a distillation, as options.</summary>
/// <param name="stage">What stands before their names in a verb that has another stage too, which then has one seed for both.</param>
internal sealed class DistillationOptions(string stage = "")
{
    private static readonly DistillationSettings Defaults = new();

    private readonly Option<int> _iterations = Of($"--{stage}iterations", "Steps.", Defaults.Iterations);
    private readonly Option<int> _episodes = Of($"--{stage}episodes", "Episodes per step.", Defaults.EpisodesPerStep);
    private readonly Option<string> _shots = Of(
        $"--{stage}shots",
        "Shots per class; each episode draws one of these.",
        string.Join(',', Defaults.Shots)
    );
    private readonly Option<int> _queries = Of($"--{stage}queries", "Queries per class.", Defaults.Queries);
    private readonly Option<int> _rank = Of($"--{stage}rank", "The meta-LoRA's rank.", Defaults.Rank);
    private readonly Option<string> _targets = Of(
        $"--{stage}targets",
        "Layers to adapt in each block, among q, k, v, out, fc1, fc2.",
        string.Join(',', Defaults.Targets)
    );
    private readonly Option<double> _learningRate = Of($"--{stage}lr", "The peak of the cyclic learning rate.", Defaults.PeakLearningRate);
    private readonly Option<double> _interpolation = Of(
        $"--{stage}interpolation",
        "Share of episodes that mix classes of different LoRAs.",
        Defaults.InterpolationShare
    );
    private readonly Option<int> _interpolationWays = Of(
        $"--{stage}interpolation-ways",
        "Classes per mixed episode.",
        Defaults.InterpolationWays
    );
    private readonly Option<string> _mask = Of(
        $"--{stage}mask",
        "Share of patches to mask (they never enter the transformer); from a list, each step draws one.",
        "0"
    );
    private readonly Option<double> _softLabels = Of(
        $"--{stage}opinions",
        "Weight of the teachers' soft labels against the hard labels in a mixed episode's targets.",
        Defaults.OpinionShare
    );
    private readonly Option<bool> _noNames = Of(
        $"--{stage}ignore-names",
        "Treat classes with the same name in two LoRAs as two classes.",
        !Defaults.MergesNames
    );
    private readonly Option<bool> _noMirror = Of($"--{stage}no-mirror", "Do not mirror images at random.", !Defaults.Augmentation.Mirror);
    private readonly Option<double> _crop = Of(
        $"--{stage}crop",
        "Smallest side of a random crop, as a share of the image's side; 1 for no crops.",
        Defaults.Augmentation.SmallestCrop
    );
    private readonly Option<double> _rotation = Of(
        $"--{stage}rotation",
        "Largest rotation in either direction, in degrees.",
        Defaults.Augmentation.Rotation
    );
    private readonly Option<double> _stretch = Of(
        $"--{stage}stretch",
        "How much the sides of a crop may differ, as a share.",
        Defaults.Augmentation.Stretch
    );
    private readonly Option<double> _coarse = Of(
        $"--{stage}coarse",
        "Probability that an episode is seen at a third of its resolution.",
        Defaults.Augmentation.Coarse
    );
    private readonly Option<double> _lines = Of(
        $"--{stage}lines",
        "Probability that an episode is seen as line drawings.",
        Defaults.Augmentation.LineDrawings
    );
    private readonly Option<double> _colour = Of(
        $"--{stage}colour",
        "How much brightness, contrast and saturation may vary.",
        Defaults.Augmentation.Colour
    );
    private readonly Option<double> _grey = Of(
        $"--{stage}grey",
        "Probability that an image loses its colours.",
        Defaults.Augmentation.Grey
    );
    private readonly Option<double> _turned = Of(
        $"--{stage}turned",
        "Probability that a class of a mixed episode is turned into a new class by rotation.",
        Defaults.Augmentation.TurnedClasses
    );
    private readonly Option<int> _drawn = Of(
        $"--{stage}drawn",
        "Procedurally generated characters to learn from as well; 0 for none.",
        Defaults.DrawnCharacters
    );
    private readonly Option<double> _drawnShare = Of(
        $"--{stage}drawn-share",
        "The share of steps that learn from generated characters.",
        Defaults.DrawnShare
    );
    private readonly Option<bool> _joint = Of(
        $"--{stage}joint",
        "No episodes: joint supervised training, for comparison.",
        !Defaults.MetaLearning
    );
    private readonly Option<int> _checkpoint = Of($"--{stage}checkpoint-every", "Steps between checkpoints.", Defaults.CheckpointEvery);
    private readonly Option<double?> _temperature = new($"--{stage}temperature")
    {
        Description = "Divides the distances in training. [default: a sixteenth of the mean squared distance of two images]",
    };
    private readonly Option<MetaLoraStart> _start = Of(
        $"--{stage}start",
        "zero: the bare model; sum: the LoRAs' deltas, summed.",
        Defaults.Start
    );
    private readonly Option<double?> _startWeight = new($"--{stage}start-weight")
    {
        Description = "The factor of the sum. [default: 3.6 over the number of LoRAs]",
    };
    private readonly Option<int> _seed = Of("--seed", "The seed of all random draws.", Defaults.Seed);

    public void AddTo(Command command)
    {
        foreach (
            var option in new Option[]
            {
                _iterations,
                _episodes,
                _shots,
                _queries,
                _rank,
                _targets,
                _learningRate,
                _interpolation,
                _interpolationWays,
                _softLabels,
                _noNames,
                _mask,
                _noMirror,
                _crop,
                _rotation,
                _stretch,
                _lines,
                _coarse,
                _colour,
                _grey,
                _turned,
                _drawn,
                _drawnShare,
                _joint,
                _checkpoint,
                _temperature,
                _start,
                _startWeight,
            }
        )
            command.Options.Add(option);
        if (stage.Length == 0) command.Options.Add(_seed);
    }

    /// <exception cref="UsageException">A setting is out of its range.</exception>
    public DistillationSettings Settings(ParseResult parsed)
    {
        var rank = parsed.GetValue(_rank);
        try
        {
            return new DistillationSettings
            {
                Iterations = parsed.GetValue(_iterations),
                EpisodesPerStep = parsed.GetValue(_episodes),
                Shots = NumberList.Parse(_shots.Name, parsed.GetValue(_shots)!),
                Queries = parsed.GetValue(_queries),
                Rank = rank,
                Alpha = rank,
                Targets = parsed.GetValue(_targets)!.Split(','),
                PeakLearningRate = parsed.GetValue(_learningRate),
                InterpolationShare = parsed.GetValue(_interpolation),
                InterpolationWays = parsed.GetValue(_interpolationWays),
                OpinionShare = parsed.GetValue(_softLabels),
                MergesNames = !parsed.GetValue(_noNames),
                Masked = ShareList.Parse(_mask.Name, parsed.GetValue(_mask)!),
                Augmentation = new Augmentation
                {
                    Mirror = !parsed.GetValue(_noMirror),
                    SmallestCrop = parsed.GetValue(_crop),
                    Rotation = parsed.GetValue(_rotation),
                    Stretch = parsed.GetValue(_stretch),
                    LineDrawings = parsed.GetValue(_lines),
                    Coarse = parsed.GetValue(_coarse),
                    Colour = parsed.GetValue(_colour),
                    Grey = parsed.GetValue(_grey),
                    TurnedClasses = parsed.GetValue(_turned),
                },
                DrawnCharacters = parsed.GetValue(_drawn),
                DrawnShare = parsed.GetValue(_drawnShare),
                MetaLearning = !parsed.GetValue(_joint),
                CheckpointEvery = parsed.GetValue(_checkpoint),
                Temperature = parsed.GetValue(_temperature),
                Start = parsed.GetValue(_start),
                StartWeight = parsed.GetValue(_startWeight),
                Seed = parsed.GetValue(_seed),
            }.Validated();
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message);
        }
    }

    private static Option<T> Of<T>(string name, string description, T value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };
}
