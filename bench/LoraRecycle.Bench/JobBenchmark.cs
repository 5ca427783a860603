using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LoraRecycle.Bench;

/// <summary>
/// How long requests wait while a recycling job runs on the same device: the p95 of /classify without a job and with one,
/// on one server, in turns.
/// </summary>
internal static class JobBenchmark
{
    private const int Requests = 20;

    private static readonly Uri Jobs = new("/recycle", UriKind.Relative);

    public static async Task<int> RunAsync(JobOptions options)
    {
        var data = Directory.CreateTempSubdirectory("lora-recycle-bench-").FullName;
        try
        {
            using var server = ServerProcess.Start(
                options.Server,
                $"--Storage:Directory={data}",
                $"--Jobs:DeviceShare={options.Share.ToString(CultureInfo.InvariantCulture)}"
            );
            using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(5) };
            await server.WaitUntilReadyAsync(http);
            await MeasureAsync(http, options.Samples);
            var (without, with) = (new List<double>(), new List<double>());
            for (var round = 0; round < options.Rounds; round++)
            {
                without.AddRange(await MeasureAsync(http, options.Samples));
                var job = await StartJobAsync(http);
                with.AddRange(await MeasureAsync(http, options.Samples));
                await CancelAsync(http, job);
            }
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"share {options.Share}: p50 {Quantile(without, 0.5) * 1e3:F0} ms without a job, {Quantile(with, 0.5) * 1e3:F0} ms "
                        + $"with one, ratio {Quantile(with, 0.5) / Quantile(without, 0.5):F2}; "
                        + $"p95 {Quantile(without, 0.95) * 1e3:F0} ms and {Quantile(with, 0.95) * 1e3:F0} ms, ratio " +
                            $"{Quantile(with, 0.95) / Quantile(without, 0.95):F2}"
                )
            );
            return 0;
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task<List<double>> MeasureAsync(HttpClient http, string samples)
    {
        var seconds = new List<double>();
        for (var i = 0; i < Requests; i++)
        {
            var clock = Stopwatch.StartNew();
            using var content = BenchEpisode.Fresh(samples).ToContent();
            using var response = await http.PostAsync(new Uri("/classify", UriKind.Relative), content);
            response.EnsureSuccessStatusCode();
            await response.Content.ReadAsByteArrayAsync();
            seconds.Add(clock.Elapsed.TotalSeconds);
        }
        return seconds;
    }

    /// <summary>Starts one that does not end by itself, and waits until it iterates.</summary>
    private static async Task<string> StartJobAsync(HttpClient http)
    {
        using var response = await http.PostAsJsonAsync(
            Jobs,
            new
            {
                filter = new { name = "caltech*-000" },
                inversion = new
                {
                    iterations = 1_000_000,
                    imagesPerClass = 4,
                    reportEvery = 1,
                },
            }
        );
        response.EnsureSuccessStatusCode();
        var id = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
        await using var stream = await http.GetStreamAsync(new Uri($"/recycle/{id}/events", UriKind.Relative));
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { } line && !line.StartsWith("event: progress", StringComparison.Ordinal))
        {
            // It has not begun yet.
        }
        return id;
    }

    private static async Task CancelAsync(HttpClient http, string id)
    {
        var path = new Uri($"/recycle/{id}", UriKind.Relative);
        // Accepted while it is being cancelled, gone when it has been.
        while (true)
        {
            using var response = await http.DeleteAsync(path);
            if (response.StatusCode == HttpStatusCode.NoContent)
                return;
            await Task.Delay(100);
        }
    }

    private static double Quantile(List<double> values, double share) => values.Order().ElementAt((int)(share * (values.Count - 1)));
}

/// <param name="Server">The command line program; it is started with <c>serve</c>.</param>
/// <param name="Samples">Class folders of photographs.</param>
/// <param name="Share">The setting <c>Jobs:DeviceShare</c>.</param>
/// <param name="Rounds">Alternations between no job and a job.</param>
internal sealed record JobOptions(string Server, string Samples, double Share, int Rounds)
{
    public static JobOptions Parse(string[] args)
    {
        var values = args.Chunk(2)
            .ToDictionary(
                pair => pair[0],
                pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"Expected a value after {pair[0]}.")
            );
        return new JobOptions(
            values["--server"], values["--samples"],
            double.Parse(values.GetValueOrDefault("--share", "0.5"), CultureInfo.InvariantCulture),
            int.Parse(values.GetValueOrDefault("--rounds", "5"), CultureInfo.InvariantCulture));
    }
}
