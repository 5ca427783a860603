using System.Text.Json;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;
using LoraRecycle.Core.Method.Inversion.Optimization;
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
        using var inverters = new DeviceInverters(
            models.Value.FindModel()!, settings.PriorWeight == 0 ? null : prior.Path, [task.Device], task.Precision, settings, task.Pace);
        var sources = new List<InversionSource>();
        try
        {
            foreach (var id in JsonSerializer.Deserialize(task.Claim.Unit.Loras, RecycleJson.Default.IReadOnlyListString)!)
                sources.Add(InversionSource.Read(market.DirectoryOf(id), inverters.Model.AdaptableLayers) with { Name = id });
            var pools = new PoolBuilder(inverters.All, settings, task.Folder).Build(
                sources,
                _ => sources.Count,
                new InlineProgress<PoolProgress>(pools =>
                    progress(new UnitProgress(pools.Iterations, pools.AllIterations, double.IsFinite(pools.Loss) ? pools.Loss : null))
                ),
                cancellation
            );
            return new UnitResult(
                task.Claim.Fence,
                [.. pools.Select(pool => new UnitPool(pool.Name, pool.BestLoss, pool.Failure))],
                Seconds: pools.Sum(pool => pool.Seconds ?? 0)
            );
        }
        catch (InversionException exception)
        {
            throw new LastingFailureException(exception.Message, exception);
        }
        finally
        {
            foreach (var source in sources)
                source.Adapter.Dispose();
        }
    }
}
