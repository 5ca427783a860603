using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Markets;
using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>The LoRAs of the market that comes with the server, as its <c>market.json</c> lists them. They are only ever read.</summary>
internal sealed partial class ShippedLoras(IOptions<LoraOptions> options, IOptions<ModelsOptions> models, ILogger<ShippedLoras> logger)
{
    private readonly Lock _lock = new();
    private (string Stamp, IReadOnlyList<Lora> Loras) _read = ("", []);

    public IReadOnlyList<Lora> All()
    {
        if (
            options.Value.FindMarket(models.Value) is not { } folder
            || new FileInfo(Path.Combine(folder, Market.FileName)) is not { Exists: true } list
        )
            return [];
        lock (_lock)
        {
            var stamp = $"{list.Length},{list.LastWriteTimeUtc.Ticks}";
            if (_read.Stamp != stamp)
                _read = (stamp, Read(folder));
            return _read.Loras;
        }
    }

    private IReadOnlyList<Lora> Read(string folder)
    {
        try
        {
            var market = Market.Open(folder);
            return [.. market.Loras.Where(record => UploadedLoras.IsId(record.Revision) && Directory.Exists(market.PathOf(record.Name)))
                .Select(record => Of(record, market.PathOf(record.Name))).DistinctBy(lora => lora.Id)];
        }
        catch (Exception exception) when (exception is MarketException or IOException or UnauthorizedAccessException)
        {
            LogDamaged(logger, folder, exception.Message);
            return [];
        }
    }

    private static Lora Of(LoraRecord record, string directory) =>
        new(
            LoraOrigin.Shipped,
            directory,
            new LoraFacts(
                record.Revision,
                record.Name,
                record.Model,
                "lora",
                record.Settings.Rank,
                [.. record.Settings.Targets.Order(StringComparer.Ordinal)],
                Parameters: null,
                record.Classes.Count,
                record.Classes,
                AdapterFiles
                    .Names.Select(name => new FileInfo(Path.Combine(directory, name)))
                    .Where(file => file.Exists)
                    .Sum(file => file.Length),
                record.Started
            )
        );

    [LoggerMessage(1, LogLevel.Warning, "The shipped market in {Folder} cannot be listed: {Reason}")]
    private static partial void LogDamaged(ILogger logger, string folder, string reason);
}
