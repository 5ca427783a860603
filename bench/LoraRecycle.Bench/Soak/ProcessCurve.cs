using System.Globalization;

namespace LoraRecycle.Bench.Soak;

/// <summary>What a process takes, over time.</summary>
internal sealed class ProcessCurve(int process)
{
    private readonly List<(double Minutes, double Megabytes, int Files, int Threads)> _samples = [];

    public void Sample(TimeSpan at) => _samples.Add((
        at.TotalMinutes,
        double.Parse(Status("VmRSS:").Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture) / 1024,
        Directory.GetFileSystemEntries($"/proc/{process}/fd").Length,
        int.Parse(Status("Threads:"), CultureInfo.InvariantCulture)));

    /// <summary>What it takes more at the end than after its warm-up, told from the line through all samples since.</summary>
    /// <param name="warmUp">How long caches fill and code is compiled.</param>
    public (double Megabytes, double MegabytesPerMinute, double Files, double Threads) Growth(TimeSpan warmUp)
    {
        var since = _samples.Where(sample => sample.Minutes >= warmUp.TotalMinutes).ToArray();
        var minutes = since[^1].Minutes - since[0].Minutes;
        var slope = Slope(sample => sample.Megabytes);
        return (slope * minutes, slope, Slope(sample => sample.Files) * minutes, Slope(sample => sample.Threads) * minutes);

        double Slope(Func<(double Minutes, double Megabytes, int Files, int Threads), double> value)
        {
            var (x, y) = (since.Average(sample => sample.Minutes), since.Average(value));
            return since.Sum(sample => (sample.Minutes - x) * (value(sample) - y))
                / since.Sum(sample => (sample.Minutes - x) * (sample.Minutes - x));
        }
    }

    /// <summary>Ten samples of the whole, evenly.</summary>
    public IEnumerable<string> Report() =>
        Enumerable
            .Range(0, 10)
            .Select(i => _samples[i * (_samples.Count - 1) / 9])
            .Distinct()
            .Select(sample =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"after {sample.Minutes:F1} min: {sample.Megabytes:F0} MB, {sample.Files} files, {sample.Threads} threads"
                )
            );

    private string Status(string name) =>
        File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();
}
