using LoraRecycle.Core.Foundation.Randomness;
using LoraRecycle.Core.Vision.Transformer;

namespace LoraRecycle.Core.Method.Distillation.Episodes;

/// <summary>Draws what each step learns from. A step depends on the seed and its number alone: a resumed run draws what an unbroken one
/// would.</summary>
/// <param name="set">The images.</param>
/// <param name="settings">What to draw.</param>
/// <param name="inputSide">The model's input, in pixels.</param>
/// <param name="patches">Patches of the model's input.</param>
internal sealed class TrainingEpisodeSampler(TrainingSet set, DistillationSettings settings, int inputSide, int patches)
{
    /// <summary>Drawings differ by the hands that made them; cut off, turned or mirrored they would be other characters.</summary>
    private readonly Augmentation _ofDrawings = new() { Mirror = false, Colour = settings.Augmentation.Colour };

    private readonly Dictionary<int, IReadOnlyList<TrainingClass>[]> _tasksOfWays = set
        .Tasks.GroupBy(task => task.Count)
        .ToDictionary(same => same.Key, same => same.ToArray());

    private readonly int _poorest = set.Classes.Concat(set.Tasks.SelectMany(task => task)).Min(one => one.Images.Count);

    /// <param name="step">From 1.</param>
    public EpisodeBatch Step(int step)
    {
        // Mixed, so that neighbouring seeds and steps do not share a stretch of the sequence.
        var random = new SplitMix64(new SplitMix64(((ulong)(uint)settings.Seed << 32) | (uint)step).Next());
        var masked = settings.Masked[random.Below(settings.Masked.Count)];
        var kept = masked > 0 ? Math.Max(1, patches - TokenPruning.Share(patches, masked)) : 0;
        var wanted = settings.Shots[random.Below(settings.Shots.Count)];
        var shots = Math.Min(wanted, _poorest - 1);
        var queries = Math.Min(settings.Queries, _poorest - shots);
        var drawn = set.Drawn.Count > 0 && Happens(ref random, settings.DrawnShare);
        var interpolated = set.Tasks.Count == 0 || Happens(ref random, settings.InterpolationShare);
        if (!settings.MetaLearning)
            return Joint(
                ref random,
                new StepShape(StepKind.Joint, settings.EpisodesPerStep, settings.InterpolationWays, 0, shots + queries, kept)
            );
        if (drawn)
            return Episodes(ref random, Shape(StepKind.Drawn, set.Drawn.Count), set.Drawn);
        if (interpolated)
            return Episodes(ref random, Shape(StepKind.Interpolated, set.Classes.Count), set.Classes);
        var ways = set.Tasks[random.Below(set.Tasks.Count)].Count;
        return Episodes(ref random, new StepShape(StepKind.Task, settings.EpisodesPerStep, ways, shots, queries, kept), null);

        StepShape Shape(StepKind kind, int classes) =>
            new(kind, settings.EpisodesPerStep, Math.Min(settings.InterpolationWays, classes), shots, queries, kept);
    }

    /// <param name="random">The step's numbers.</param>
    /// <param name="shape">The episodes'.</param>
    /// <param name="classes">What to draw from; null for the tasks of as many ways.</param>
    private EpisodeBatch Episodes(ref SplitMix64 random, StepShape shape, IReadOnlyList<TrainingClass>? classes)
    {
        var batch = Empty(shape, shape.Ways);
        var tasks = classes is null ? _tasksOfWays[shape.Ways] : [];
        for (var episode = 0; episode < shape.Episodes; episode++)
        {
            var chosen = classes is null
                ? [.. tasks[random.Below(tasks.Length)]]
                : random.Choose(shape.Ways, classes.Count).Select(index => classes[index]).ToArray();
            if (shape.Kind != StepKind.Drawn && Happens(ref random, settings.Augmentation.LineDrawings))
                batch.LineDrawings.AsSpan(episode * shape.ImagesOfEpisode, shape.ImagesOfEpisode).Fill(1);
            if (shape.Kind != StepKind.Drawn && settings.Augmentation.Coarse > 0 && Happens(ref random, settings.Augmentation.Coarse))
                batch.Coarse.AsSpan(episode * shape.ImagesOfEpisode, shape.ImagesOfEpisode).Fill(1);
            for (var way = 0; way < shape.Ways; way++)
            {
                var turns = shape.Kind == StepKind.Interpolated ? Turns(ref random) : 0;
                var images = random.Choose(shape.Shots + shape.Queries, chosen[way].Images.Count);
                for (var i = 0; i < images.Length; i++)
                {
                    var (isSupport, query) = (i < shape.Shots, (way * shape.Queries) + i - shape.Shots);
                    var at = (episode * shape.ImagesOfEpisode) + (isSupport ? (way * shape.Shots) + i : (shape.Ways * shape.Shots) + query);
                    var image = chosen[way].Images[images[i]];
                    var mirrored = shape.Kind == StepKind.Drawn
                        ? Place(ref random, batch, at, image, 0, _ofDrawings, 1)
                        : Place(ref random, batch, at, image, turns);
                    if (!isSupport) Target(batch, (episode * shape.Ways * shape.Queries) + query, chosen, way, image, mirrored);
                }
            }
        }
        return batch;
    }

    private EpisodeBatch Joint(ref SplitMix64 random, StepShape shape)
    {
        var batch = Empty(shape, set.Classes.Count);
        for (var i = 0; i < shape.Images; i++)
        {
            var label = random.Below(set.Classes.Count);
            Place(ref random, batch, i, set.Classes[label].Images[random.Below(set.Classes[label].Images.Count)], turns: 0);
            batch.Targets[(i * set.Classes.Count) + label] = 1;
        }
        return batch;
    }

    private bool Place(ref SplitMix64 random, EpisodeBatch batch, int at, int image, int turns) =>
        Place(ref random, batch, at, image, turns, settings.Augmentation, (double)inputSide / set.Side);

    private static bool Place(
        ref SplitMix64 random,
        EpisodeBatch batch,
        int at,
        int image,
        int turns,
        Augmentation augmentation,
        double shown
    )
    {
        batch.Images[at] = image;
        return ImageView.Draw(
            ref random,
            augmentation,
            turns,
            shown,
            batch.Places.AsSpan(at * ImageView.PlaceLength, ImageView.PlaceLength),
            batch.Colours.AsSpan(at * ImageView.ColourLength, ImageView.ColourLength)
        );
    }

    private int Turns(ref SplitMix64 random) => Happens(ref random, settings.Augmentation.TurnedClasses) ? 1 + random.Below(3) : 0;

    private static bool Happens(ref SplitMix64 random, double probability) => random.Below(1_000_000) < probability * 1_000_000;

    /// <summary>The teacher's soft labels of its own task; of an interpolated one the label, with as much of the soft labels of those who
    /// know the classes as is asked for.</summary>
    private void Target(EpisodeBatch batch, int row, TrainingClass[] classes, int way, int image, bool mirrored)
    {
        var target = batch.Targets.AsSpan(row * classes.Length, classes.Length);
        var share = batch.Shape.Kind switch { StepKind.Task => 1, StepKind.Interpolated => settings.OpinionShare, _ => 0 };
        if (share > 0)
        {
            var total = 0.0;
            for (var i = 0; i < classes.Length; i++) total += Probability(i);
            // Where nobody recognises it at all, there are no soft labels to follow.
            if (total > 1e-12)
                for (var i = 0; i < classes.Length; i++) target[i] = (float)(share * Probability(i) / total);
            else
                share = 0;
        }
        target[way] += (float)(1 - share);

        double Probability(int i)
        {
            var sum = 0.0;
            foreach (var (source, label) in classes[i].Teachers)
                sum += Math.Exp(set.SoftLabels.LogProbability(source, image, mirrored, label));
            return sum / classes[i].Teachers.Count;
        }
    }

    private static EpisodeBatch Empty(StepShape shape, int ways) =>
        new(
            shape,
            new long[shape.Images],
            new float[shape.Images * ImageView.PlaceLength],
            new float[shape.Images * ImageView.ColourLength],
            new float[shape.Images],
            new float[shape.Images],
            new float[shape.Targets * ways]
        );
}
