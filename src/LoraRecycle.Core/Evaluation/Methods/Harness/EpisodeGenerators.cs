using LoraRecycle.Core.Foundation.Randomness;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Harness;

/// <summary>
/// A source of random numbers for each episode, which depends on the seed and the episode's number alone: what an episode
/// draws does not depend on which others run beside it, nor on the device.
/// </summary>
internal sealed class EpisodeGenerators : IDisposable
{
    private readonly Generator[] _generators;
    private readonly Device _device;

    public EpisodeGenerators(EpisodeSet episodes)
    {
        var seed = new SplitMix64((ulong)episodes.Seed).Next();
        _generators =
        [
            .. Enumerable
                .Range(episodes.First, episodes.Count)
                .Select(number => new Generator(new SplitMix64(seed + (ulong)number).Next())),
        ];
        _device = episodes.Support.device;
    }

    /// <summary>Uniform in +-bound.</summary>
    /// <returns>[episodes, shape...].</returns>
    public Tensor Uniform(long[] shape, double bound) => Draw(generator => rand(shape, generator: generator).mul_(2 * bound).sub_(bound));

    /// <returns>[episodes, shape...].</returns>
    public Tensor Normal(long[] shape) => Draw(generator => randn(shape, generator: generator));

    public void Dispose() => Array.ForEach(_generators, generator => generator.Dispose());

    private Tensor Draw(Func<Generator, Tensor> draw)
    {
        using var scope = NewDisposeScope();
        return stack(_generators.Select(draw)).to(_device).MoveToOuterDisposeScope();
    }
}
