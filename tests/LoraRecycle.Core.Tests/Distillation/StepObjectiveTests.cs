using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Distillation.Steps;
using LoraRecycle.Core.Method.Distillation.Training;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Tests.Inversion;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

/// <summary>The loss of a batch against the same episodes computed image by image, with no sampling grids and no batching.</summary>
public sealed class StepObjectiveTests : IDisposable
{
    private readonly DistillationFixture _fixture = new();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 0)]
    public void A_batch_loses_what_its_episodes_lose_one_by_one(double masked, double interpolated)
    {
        var settings = DistillationFixture.Settings with
        {
            Masked = [masked],
            InterpolationShare = interpolated,
            Shots = [2],
            EpisodesPerStep = 3,
        };
        using var scope = NewDisposeScope();
        using var withoutGrad = no_grad();
        using var set = _fixture.Set(settings);
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        using var start = MetaLoraFactory.Sum(_fixture.Model, [.. _fixture.Sources.Select(source => source.Teacher!)], settings, CPU);
        using var adapter = new FlatAdapter(start, 0, _fixture.Model.Config.EmbeddingLength, CPU);
        using var objective = new StepObjective(_fixture.Model, adapter, set, pixels, settings);
        var batch = _fixture.Sampler(set, settings).Step(5);
        var shape = batch.Shape;
        var loss = objective.Loss(
            shape,
            new ImageViews(
                tensor(batch.Images),
                tensor(batch.Places, [shape.Images, 2, 3]),
                tensor(batch.Colours, [shape.Images, 3, 4]),
                tensor(batch.LineDrawings),
                tensor(batch.Coarse)
            ),
            tensor(batch.Targets, [shape.Targets, shape.Ways])
        );

        using var attached = _fixture.Model.Attach(adapter.Adapter);
        var expected = 0.0;
        for (var episode = 0; episode < shape.Episodes; episode++)
        {
            var embeddings = Enumerable
                .Range(episode * shape.ImagesOfEpisode, shape.ImagesOfEpisode)
                .Select(at => Embed(batch, at, set, pixels))
                .ToArray();
            var prototypes = Enumerable
                .Range(0, shape.Ways)
                .Select(way => stack(embeddings[(way * shape.Shots)..((way + 1) * shape.Shots)]).mean([0]))
                .ToArray();
            for (var query = 0; query < shape.Ways * shape.Queries; query++)
            {
                var distances =
                    stack(prototypes.Select(prototype => (embeddings[(shape.Ways * shape.Shots) + query] - prototype).square().sum())).neg()
                    / settings.Temperature!.Value;
                var target = tensor(batch.Targets.Chunk(shape.Ways).ElementAt((episode * shape.Ways * shape.Queries) + query));
                expected -= distances.log_softmax(0).mul(target).sum().item<float>();
            }
        }
        Assert.Equal(expected / shape.Targets, loss.item<float>(), 1e-3 * Math.Abs(expected / shape.Targets));
    }

    public void Dispose() => _fixture.Dispose();

    private Tensor Embed(EpisodeBatch batch, int at, TrainingSet set, PixelSpace pixels)
    {
        var image = (int)batch.Images[at];
        var mirrored = batch.Places[at * ImageView.PlaceLength] < 0;
        var seen = pixels.FromBytes(set.Images[image].unsqueeze(0));
        if (batch.Shape.Kept == 0) return _fixture.Model.call(mirrored ? seen.flip(3) : seen).Embedding.squeeze(0);

        var pool = _fixture.Pools[image / 12];
        var grid = pool.Grid;
        var kept = pool.Kept(0.5)[image % 12].data<long>().ToArray();
        var positions = mirrored ? kept.Select(patch => (patch / grid * grid) + grid - 1 - (patch % grid)).Order().ToArray() : kept;
        return _fixture.Model.Run(mirrored ? seen.flip(3) : seen, positions: tensor(positions).unsqueeze(0)).Embedding.squeeze(0);
    }
}
