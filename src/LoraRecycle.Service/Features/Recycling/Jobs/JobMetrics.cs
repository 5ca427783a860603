using System.Diagnostics.Metrics;
using LoraRecycle.Service.Platform.Observability.Metrics;

namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>What jobs tell of themselves.</summary>
internal sealed class JobMetrics
{
    private readonly Histogram<double> _units;
    private volatile IReadOnlyDictionary<JobState, int> _jobs = new Dictionary<JobState, int>();

    public JobMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(ServiceMeter.Name);
        _units = meter.CreateHistogram(
            "lora_recycle.unit.duration", "s", "Duration of one attempt of a unit of a recycling job.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600] });
        meter.CreateObservableGauge(
            "lora_recycle.jobs", () => Enum.GetValues<JobState>().Select(state => new Measurement<int>(
                _jobs.GetValueOrDefault(state), KeyValuePair.Create<string, object?>("state", state.ToString().ToLowerInvariant()))),
            "{job}", "Recycling jobs in the database, by state.");
    }

    public void Ended(UnitKind kind, UnitOutcome outcome, TimeSpan elapsed) => _units.Record(
        elapsed.TotalSeconds, new("kind", kind.ToString().ToLowerInvariant()), new("outcome", outcome.ToString().ToLowerInvariant()));

    /// <summary>The last count, whoever made it.</summary>
    public void Count(IReadOnlyDictionary<JobState, int> jobs) => _jobs = jobs;
}
