namespace LoraRecycle.Cli.Benchmarks;

/// <summary>Throughput of one model on one device.</summary>
internal sealed record BenchReport(
    string Model,
    string Device,
    string Precision,
    string Library,
    int Threads,
    IReadOnlyList<BenchResult> Results
);

/// <summary>Of one batch size; images a second from the median time.</summary>
internal sealed record BenchResult(int Batch, double ImagesPerSecond, double MedianMs, int Runs);
