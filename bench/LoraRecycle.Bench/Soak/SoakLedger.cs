using System.Collections.Concurrent;
using System.Globalization;

namespace LoraRecycle.Bench.Soak;

/// <summary>What the clients saw.</summary>
internal sealed class SoakLedger
{
    private readonly ConcurrentDictionary<(string Client, int Status), int> _answers = new();
    private readonly ConcurrentBag<(double At, double Seconds)> _latencies = [];
    private readonly ConcurrentQueue<string> _failures = new();

    /// <summary>What no server should have done: answers of 5xx but 503 for a full queue (and 505, for a version of HTTP that is rubbish),
    /// and polite clients that were let down.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <param name="client">Which sort of client.</param>
    /// <param name="status">0 for none.</param>
    /// <param name="body">What came, for the report.</param>
    public void Answered(string client, int status, string body = "")
    {
        _answers.AddOrUpdate((client, status), 1, (_, count) => count + 1);
        if (status >= 500 && status != 505 && !(status == 503 && body.Contains("queue-full", StringComparison.Ordinal)))
            Failed(client, $"{status} {body}");
    }

    public void Failed(string client, string why) => _failures.Enqueue($"{client}: {why}");

    /// <summary>An answer that somebody waited for.</summary>
    public void Waited(double at, double seconds) => _latencies.Add((at, seconds));

    public IEnumerable<string> Report(TimeSpan elapsed)
    {
        foreach (var client in _answers.GroupBy(answer => answer.Key.Client).OrderBy(client => client.Key, StringComparer.Ordinal))
        {
            var counts = client.OrderBy(answer => answer.Key.Status).Select(answer => $"{Named(answer.Key.Status)} x {answer.Value}");
            yield return $"{client.Key}: {string.Join(", ", counts)}";
        }
        var sorted = _latencies.Select(latency => latency.Seconds).Order().ToArray();
        if (sorted.Length == 0) yield break;
        double At(double share) => sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))] * 1e3;
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"classify: {sorted.Length / elapsed.TotalSeconds:F1} episodes/s, p50 {At(.5):F0} ms, p95 {At(.95):F0} ms, p99 {At(.99):F0} ms"
        );
    }

    private static string Named(int status) => status == 0 ? "no answer" : status.ToString(CultureInfo.InvariantCulture);
}
