using System.Globalization;
using LoraRecycle.Core.Markets;
using Spectre.Console;

namespace LoraRecycle.Cli.Output;

/// <summary>LoRAs of a market, a line each.</summary>
internal static class MarketTable
{
    public static Table Of(IEnumerable<LoraRecord> loras)
    {
        var table = Tables.New("LoRA", "rank", "layers", "images", "loss", "held out %", "classes");
        foreach (var lora in loras)
            table.Row(
                lora.Name, lora.Settings.Rank.ToString(CultureInfo.InvariantCulture), string.Join(',', lora.Settings.Targets),
                lora.TrainImages.ToString(CultureInfo.InvariantCulture), lora.FinalLoss.ToString("0.000", CultureInfo.InvariantCulture),
                Percent(lora.HeldOutAccuracy), string.Join(", ", lora.Classes));
        return table;
    }

    public static string Percent(double? accuracy) => accuracy is { } known ? Tables.Percent(known) : "-";
}
