using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Core.Method.Recycling;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>Synthetic images out of the LoRAs of a unit, which become pools named by their ids.</summary>
internal sealed class InversionWork(LoraMarket market, IOptions<ModelsOptions> models, JobPrior prior) : IUnitWork
{
    public UnitKind Kind => UnitKind.Invert;

    public UnitResult Run(UnitTask task, Action<UnitProgress> progress, CancellationToken cancellation)
    {
        var settings = task.Settings.Inversion;
        var ids = task.Claim.Unit.Loras;
        var inversion = new LoraInversion(
            models.Value.FindModel()!, settings.PriorWeight == 0 ? null : prior.Path, [task.Device], task.Precision, settings)
        {
            BatchSize = _ => ids.Count,
            Pace = task.Pace,
        };
        try
        {
            var inverted = inversion.Run(
                (model, _) => ids.Select(id => InversionSource.Read(market.DirectoryOf(id), model.AdaptableLayers) with { Name = id }),
                task.Folder,
                new InlineProgress<PoolProgress>(pools =>
                    progress(new UnitProgress(pools.Iterations, pools.AllIterations, double.IsFinite(pools.Loss) ? pools.Loss : null))
                ),
                cancellation
            );
            return new UnitResult(
                task.Claim.Fence,
                [.. inverted.Pools.Select(pool => new UnitPool(pool.Name, pool.BestLoss, pool.Failure))],
                Seconds: inverted.Stage.DeviceSeconds
            );
        }
        catch (InversionException exception)
        {
            throw new LastingFailureException(exception.Message, exception);
        }
    }
}
