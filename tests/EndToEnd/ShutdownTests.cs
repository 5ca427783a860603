using System.Net;
using System.Text.RegularExpressions;
using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

public sealed partial class ShutdownTests(ServedProcess server) : IClassFixture<ServedProcess>
{
    [Fact]
    public async Task A_polite_signal_ends_the_server_without_error() => Assert.Equal(0, await server.TerminateAsync());

    [Fact]
    public async Task What_was_accepted_before_the_signal_is_answered()
    {
        // One image a pass and no cache, so that requests wait for the model when the signal comes.
        await using var busy = await ServedProcess.StartAsync("--Serving:MaxBatch=1", "--Cache:Bytes=0", "--Serving:Threads=1");
        using var http = new HttpClient { BaseAddress = new Uri(busy.Address) };
        var answers = Enumerable.Range(0, 4).Select(_ => ClassifyAsync(http)).ToArray();
        // All of them, and the one that asks.
        while (Active(await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken)) < answers.Length + 1)
            Assert.False(answers.All(answer => answer.IsCompleted), "All were answered before the signal.");

        Assert.Equal(0, await busy.TerminateAsync());
        Assert.All(await Task.WhenAll(answers), status => Assert.Equal(HttpStatusCode.OK, status));
    }

    private static async Task<HttpStatusCode> ClassifyAsync(HttpClient http)
    {
        using var form = new MultipartFormDataContent();
        foreach (var folder in Directory.GetDirectories(Repository.PathOf("samples")))
            foreach (var file in Directory.GetFiles(folder, "*.jpg").Take(2))
            {
                var photograph = new ByteArrayContent(await File.ReadAllBytesAsync(file));
                form.Add(photograph, $"support[{Path.GetFileName(folder)}]", "photograph.jpg");
            }
        form.Add(
            new ByteArrayContent(await File.ReadAllBytesAsync(Directory.GetFiles(Repository.PathOf("samples", "cup"), "*.jpg")[0])),
            "query",
            "photograph.jpg"
        );
        using var response = await http.PostAsync("/classify", form);
        return response.StatusCode;
    }

    private static double Active(string metrics) =>
        ActiveRequests()
            .Matches(metrics)
            .Sum(match => double.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    [GeneratedRegex(@"^http_server_active_requests\S* (\S+)$", RegexOptions.Multiline)]
    private static partial Regex ActiveRequests();
}
