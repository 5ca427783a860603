using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.FewShot.Episodes;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Harness;

/// <summary>
/// Episodes of one shape, or some of them, as rows of prepared images. Both tensors are class by class, so that labels
/// follow from the shape. They belong to the dispose scope that they were made in.
/// </summary>
/// <param name="Shape">The episodes' shape.</param>
/// <param name="Seed">The seed that they were drawn with.</param>
/// <param name="First">The number of the first of them.</param>
/// <param name="Support">[episodes, ways * shots], int64.</param>
/// <param name="Queries">[episodes, ways * queries], int64.</param>
public sealed record EpisodeSet(EpisodeShape Shape, long Seed, int First, Tensor Support, Tensor Queries)
{
    public int Count => (int)Support.shape[0];

    /// <summary>[ways * shots], int64.</summary>
    public Tensor SupportLabels => Labels(Shape.Shots);

    /// <summary>[ways * queries], int64.</summary>
    public Tensor QueryLabels => Labels(Shape.Queries);

    /// <summary>The same episodes that <see cref="FewShotEvaluation"/> runs.</summary>
    /// <exception cref="DataSetException">The classes cannot fill the shape.</exception>
    public static EpisodeSet Draw(IReadOnlyList<ImageClass> classes, EpisodeShape shape, int episodes, long seed, PreparedImages images)
    {
        var sampler = new EpisodeSampler(classes, shape, seed);
        var drawn = Enumerable.Range(0, episodes).Select(sampler.Draw).ToArray();
        return new EpisodeSet(shape, seed, 0, Rows(c => c.Support, shape.Shots), Rows(c => c.Queries, shape.Queries));

        Tensor Rows(Func<EpisodeClass, IReadOnlyList<int>> of, int each)
        {
            long[] rows =
            [
                .. drawn
                    .SelectMany(episode => episode.Classes)
                    .SelectMany(c => of(c).Select(image => images.RowOf(classes[c.Class].Images[image]))),
            ];
            return tensor(rows, [episodes, shape.Ways * each], device: images.Pixels.device);
        }
    }

    /// <summary>Some of these episodes, in a row.</summary>
    public EpisodeSet Part(int start, int count) =>
        this with { First = First + start, Support = Support.narrow(0, start, count), Queries = Queries.narrow(0, start, count) };

    private Tensor Labels(int each) =>
        tensor([.. Enumerable.Range(0, Shape.Ways).SelectMany(way => Enumerable.Repeat((long)way, each))], device: Support.device);
}
