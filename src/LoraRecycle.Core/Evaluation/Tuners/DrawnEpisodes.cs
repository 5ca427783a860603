using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>Episodes with all of their images on the model's device.</summary>
internal sealed class DrawnEpisodes : IDisposable
{
    private readonly PreparedImages _images;

    /// <param name="model">What sees them.</param>
    /// <param name="data">Where the images are.</param>
    /// <param name="classes">The classes to draw from.</param>
    /// <param name="shape">The episodes' shape.</param>
    /// <param name="episodes">How many.</param>
    /// <param name="seed">The same seed draws the same episodes.</param>
    /// <param name="cancellation">Checked before each batch of images.</param>
    /// <exception cref="DataSetException">The classes cannot fill the shape, or an image cannot be decoded.</exception>
    public DrawnEpisodes(
        FrozenModel model, ImageDataSet data, IReadOnlyList<ImageClass> classes, EpisodeShape shape, int episodes, long seed,
        CancellationToken cancellation)
    {
        var used = new EpisodeSampler(classes, shape, seed).Images(episodes);
        _images = PreparedImages.Load(used, data.Read, model.Preprocessor, model.Device, cancellation: cancellation);
        Set = EpisodeSet.Draw(classes, shape, episodes, seed, _images);
        Set.Support.DetachFromDisposeScope();
        Set.Queries.DetachFromDisposeScope();
        Bench = new Bench(model.Transformer, model.Preprocessor.Config, _images, [], []);
    }

    public EpisodeSet Set { get; }

    public Bench Bench { get; }

    public void Dispose()
    {
        Set.Support.Dispose();
        Set.Queries.Dispose();
        _images.Dispose();
    }
}
