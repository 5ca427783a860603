using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Foundation.Randomness;

namespace LoraRecycle.Core.FewShot.Episodes;

/// <summary>
/// Draws episodes: classes without replacement, then a class's support and query images without replacement.
/// Episode <c>i</c> depends on the seed, <c>i</c>, the shape and the number of images of each class, and on nothing else,
/// so that episodes can be drawn in any order, and two models are compared on the same ones.
/// </summary>
public sealed class EpisodeSampler
{
    private readonly IReadOnlyList<ImageClass> _classes;
    private readonly EpisodeShape _shape;
    private readonly ulong _seed;

    /// <exception cref="DataSetException">There are fewer classes than ways, or a class has too few images for the shape.</exception>
    public EpisodeSampler(IReadOnlyList<ImageClass> classes, EpisodeShape shape, long seed)
    {
        if (classes.Count < shape.Ways)
            throw new DataSetException($"{shape.Ways}-way episodes need at least {shape.Ways} classes; got {classes.Count}.");
        var needed = shape.Shots + shape.Queries;
        if (classes.FirstOrDefault(c => c.Images.Count < needed) is { } small)
            throw new DataSetException(
                $"Class '{small.Name}' has {small.Images.Count} images; {shape.Shots} shots and {shape.Queries} queries need {needed}. "
                    + "Use fewer shots or queries, or leave the class out."
            );
        (_classes, _shape) = (classes, shape);
        _seed = new SplitMix64((ulong)seed).Next();
    }

    /// <summary>The images that the first so many episodes use, each once.</summary>
    public IReadOnlySet<string> Images(int episodes) =>
        Enumerable.Range(0, episodes).SelectMany(number => Draw(number).Classes)
            .SelectMany(c => c.Support.Concat(c.Queries).Select(image => _classes[c.Class].Images[image]))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>The episode of this number, from 0.</summary>
    public Episode Draw(int number)
    {
        // Mixed twice, so that neighbouring seeds and neighbouring numbers do not share a stretch of the sequence.
        var random = new SplitMix64(new SplitMix64(_seed + (ulong)number).Next());
        var classes = random.Choose(_shape.Ways, _classes.Count);
        var drawn = new EpisodeClass[classes.Length];
        for (var way = 0; way < drawn.Length; way++)
        {
            var images = random.Choose(_shape.Shots + _shape.Queries, _classes[classes[way]].Images.Count);
            drawn[way] = new EpisodeClass(classes[way], images[.._shape.Shots], images[_shape.Shots..]);
        }
        return new Episode(drawn);
    }
}
