namespace LoraRecycle.Core.Method.Inversion.Building;

/// <summary>
/// Cuts LoRAs into units, each of which is inverted in one batch by one device. A cut never depends on what is finished: a run
/// that is taken up meets the same units, and with them their checkpoints.
/// </summary>
public static class InversionPlan
{
    /// <summary>What a unit costs however small it is, as a share of a full one: launching its kernels, writing its pools.</summary>
    private const double Overhead = 0.125;

    /// <summary>The cut of a job, whose workers come and go: it depends on the LoRAs alone, and with it every bit of the result.</summary>
    /// <param name="classes">Of each LoRA.</param>
    /// <param name="most">LoRAs in a unit.</param>
    /// <returns>Units of LoRAs of as many classes, by their places.</returns>
    public static IReadOnlyList<IReadOnlyList<int>> Cut(IEnumerable<int> classes, int most) =>
        [.. classes.Index().GroupBy(lora => lora.Item).SelectMany(group => group.Select(lora => lora.Index).Chunk(most))];

    /// <summary>The cut of a run whose devices are known, so that they end together.</summary>
    /// <param name="sources">LoRAs of any numbers of classes; only those of as many classes, and only plain LoRAs, share a unit.</param>
    /// <param name="most">LoRAs of so many classes in a unit.</param>
    /// <param name="devices">How many units run at once.</param>
    /// <returns>Units, the most expensive first: the order in which devices take them.</returns>
    internal static IReadOnlyList<InversionSource[]> Cut(IReadOnlyList<InversionSource> sources, Func<int, int> most, int devices)
    {
        var groups = sources
            .Where(source => source.IsPlain)
            .GroupBy(source => source.Classes.Count)
            .Select(group => group.ToArray())
            .ToArray();
        var alone = sources.Where(source => !source.IsPlain).Select(source => new[] { source }).ToArray();
        var finest = groups.Select(Limit).DefaultIfEmpty(1).Max();
        var overhead = Overhead * groups.Select(group => Limit(group) * group[0].Classes.Count).DefaultIfEmpty(0).Max();

        // From the largest units to single LoRAs; the first cut of the least time is taken.
        return Enumerable
            .Range(0, finest)
            .Select(step =>
                InOrder(alone.Concat(groups.SelectMany(group => Even(group, Math.Max(1, Limit(group) * (finest - step) / finest)))))
            )
            .MinBy(units => Time(units, devices, overhead))!;

        int Limit(InversionSource[] group) => Math.Clamp(most(group[0].Classes.Count), 1, group.Length);
    }

    private static int Cost(InversionSource[] unit) => unit.Sum(source => source.Classes.Count);

    private static InversionSource[][] InOrder(IEnumerable<InversionSource[]> units) => [.. units.OrderByDescending(Cost)];

    /// <summary>As few units of at most so many LoRAs as there can be, all of the same size or one less.</summary>
    private static IEnumerable<InversionSource[]> Even(InversionSource[] group, int most)
    {
        var units = (group.Length + most - 1) / most;
        for (var unit = 0; unit < units; unit++)
            yield return group[(group.Length * unit / units)..(group.Length * (unit + 1) / units)];
    }

    /// <summary>When the last device ends, if each takes the next unit as soon as it is free.</summary>
    private static double Time(InversionSource[][] units, int devices, double overhead)
    {
        var busy = new double[devices];
        foreach (var unit in units) busy[Array.IndexOf(busy, busy.Min())] += Cost(unit) + overhead;
        return busy.Max();
    }
}
