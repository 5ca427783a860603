using System.Diagnostics;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Vision.Loading;
using static TorchSharp.torch;

namespace LoraRecycle.Bench;

/// <summary>Measures a real server process against the same work done in this process, alternating.</summary>
internal static class HttpBenchmark
{
    private const int Clients = 8;

    public static async Task<int> RunAsync(HttpOptions options)
    {
        using var server = ServerProcess.Start(options.Server);
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(2) };
        await server.WaitUntilReadyAsync(http);
        ComputeThreads.Use(0);
        using var model = EmbeddingModel.Load(options.Model, CPU);
        var decoder = new ImageDecoder(new ImageDecoderOptions());

        for (var i = 0; i < 3; i++) await MeasureAsync();
        var pairs = new List<(double Alone, double Http)>();
        for (var i = 0; i < options.Rounds; i++) pairs.Add(await MeasureAsync());
        var ratio = Median(pairs.Select(pair => pair.Http / pair.Alone));
        Console.WriteLine(
            $"one episode (30 images): alone {Median(pairs.Select(pair => pair.Alone)) * 1e3:F1} ms, HTTP "
                + $"{Median(pairs.Select(pair => pair.Http)) * 1e3:F1} ms, ratio {ratio:F3}"
        );

        var throughput = new List<(double One, double Eight)>();
        for (var i = 0; i < options.Rounds / 3; i++)
            throughput.Add((await EpisodesPerSecondAsync(1), await EpisodesPerSecondAsync(Clients)));
        Console.WriteLine(
            $"episodes a second: 1 client {Median(throughput.Select(t => t.One)):F2}, {Clients} clients "
                + $"{Median(throughput.Select(t => t.Eight)):F2}, ratio {Median(throughput.Select(t => t.Eight / t.One)):F3}"
        );

        var before = 0L;
        for (var sent = 0; sent < options.Requests; sent += Clients)
        {
            if (sent == options.Requests / 10 / Clients * Clients) before = server.ResidentBytes;
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => PostSmallAsync()));
        }
        Console.WriteLine(
            $"resident memory: {before >> 20} MB after {options.Requests / 10} requests, {server.ResidentBytes >> 20} MB after "
                + $"{options.Requests}"
        );
        return 0;

        async Task<(double Alone, double Http)> MeasureAsync()
        {
            var images = BenchEpisode.Fresh(options.Samples).Images;
            var clock = Stopwatch.StartNew();
            var decoded = new DecodedImage[images.Count];
            Parallel.For(0, images.Count, index => decoded[index] = decoder.Decode(images[index]));
            model.Embed(decoded);
            var alone = clock.Elapsed.TotalSeconds;
            clock.Restart();
            await PostAsync(BenchEpisode.Fresh(options.Samples).ToContent());
            return (alone, clock.Elapsed.TotalSeconds);
        }

        async Task<double> EpisodesPerSecondAsync(int clients)
        {
            const int Episodes = 16;
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
            {
                for (var i = 0; i < Episodes / clients; i++) await PostAsync(BenchEpisode.Fresh(options.Samples).ToContent());
            }));
            return Episodes / clock.Elapsed.TotalSeconds;
        }

        Task PostSmallAsync() => PostAsync(BenchEpisode.Fresh(options.Samples).ToSmallContent());

        async Task PostAsync(MultipartFormDataContent content)
        {
            using (content)
            using (var response = await http.PostAsync(new Uri("/classify", UriKind.Relative), content))
            {
                if (!response.IsSuccessStatusCode) throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
                await response.Content.ReadAsByteArrayAsync();
            }
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
