using LoraRecycle.Core.Evaluation;

namespace LoraRecycle.Core.Distillation;

/// <summary>Draws episodes of synthetic images; a step's episodes depend on the seed and the step alone.</summary>
public sealed class SyntheticEpisodeSampler(IReadOnlyList<TeacherPool> pools, DistillationSettings settings)
{
    private readonly (int Pool, int Label)[] _classes =
        [.. pools.SelectMany((pool, index) => Enumerable.Range(0, pool.Ways).Select(label => (index, label)))];

    public IReadOnlyList<SyntheticEpisode> Step(int step)
    {
        var random = new SplitMix64(((ulong)(uint)settings.Seed << 32) | (uint)step);
        var episodes = new SyntheticEpisode[settings.EpisodesPerStep];
        for (var i = 0; i < episodes.Length; i++)
        {
            var shots = settings.Shots[random.Below(settings.Shots.Count)];
            var mixed = pools.Count > 1 && random.Below(1_000_000) < settings.InterpolationShare * 1_000_000;
            episodes[i] = mixed ? Interpolated(ref random, shots) : OfOneLora(ref random, shots);
        }
        return episodes;
    }

    private SyntheticEpisode OfOneLora(ref SplitMix64 random, int shots)
    {
        var pool = random.Below(pools.Count);
        return Draw(ref random, [.. Enumerable.Range(0, pools[pool].Ways).Select(label => (pool, label))], shots, pool);
    }

    private SyntheticEpisode Interpolated(ref SplitMix64 random, int shots)
    {
        var ways = Math.Min(settings.InterpolationWays, _classes.Length);
        return Draw(ref random, [.. random.Choose(ways, _classes.Length).Select(index => _classes[index])], shots, teacher: null);
    }

    /// <summary>Classes with few images give fewer shots and queries, the same number of shots for all of them.</summary>
    private SyntheticEpisode Draw(ref SplitMix64 random, (int Pool, int Label)[] classes, int wantedShots, int? teacher)
    {
        var shots = Math.Min(wantedShots, classes.Min(entry => pools[entry.Pool].OfClass(entry.Label).Count) - 1);
        var (support, queries, labels) = (new List<DrawnImage>(), new List<DrawnImage>(), new List<long>());
        for (var way = 0; way < classes.Length; way++)
        {
            var images = pools[classes[way].Pool].OfClass(classes[way].Label);
            var chosen = random.Choose(Math.Min(images.Count, shots + settings.Queries), images.Count);
            for (var i = 0; i < chosen.Length; i++)
            {
                var drawn = new DrawnImage(classes[way].Pool, images[chosen[i]], random.Below(2) == 1);
                if (i < shots)
                {
                    support.Add(drawn);
                    continue;
                }
                queries.Add(drawn);
                labels.Add(way);
            }
        }
        return new SyntheticEpisode(support, queries, [.. labels], classes.Length, teacher);
    }
}
