using System.Globalization;

namespace LoraRecycle.EndToEnd.Faults;

/// <summary>
/// Power cuts at random moments of everything that the service does. <c>FAULT_KILLS</c> and <c>FAULT_SEED</c> in the
/// environment make it longer, and other; the moments are seeded, what the server is doing then is not.
/// </summary>
public sealed class KillTests
{
    private static readonly int Kills = Setting("FAULT_KILLS", 12);
    private static readonly int Seed = Setting("FAULT_SEED", 1);

    [Fact]
    public async Task After_a_kill_at_any_moment_nothing_is_listed_that_is_not_there_and_nothing_is_there_that_is_corrupt()
    {
        using var place = await TinyInstallation.MakeAsync();
        var story = new Story(place);
        var random = new Random(Seed);
        var moments = new List<string>();
        for (var kill = 0; kill < Kills; kill++)
        {
            if (kill % 4 == 3)
                await KilledAtItsStartAsync(place, TimeSpan.FromMilliseconds(random.Next(1_500)));
            await using var server = await ServedProcess.StartAsync(place.Settings);
            using var http = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = TimeSpan.FromMinutes(1) };
            try
            {
                await story.CheckAsync(http);
                var going = story.GoOnAsync(http);
                await Task.WhenAny(going, Task.Delay(random.Next(400), TestContext.Current.CancellationToken));
                moments.Add(story.Now);
                await server.KillAsync();
                await going;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new InvalidOperationException(
                    $"FAULT_SEED={Seed}, kill {kill}, killed before during: {string.Join("; ", moments)}.\n{server.Output}",
                    exception
                );
            }
        }
        await using var last = await ServedProcess.StartAsync(place.Settings);
        using var end = new HttpClient { BaseAddress = new Uri(last.Address) };
        await story.CheckAsync(end);
        await story.EndAsync(end);
        // Were it always killed in the same step, or before the first, little would be tested.
        Assert.True(
            story.Done > Kills / 2 && moments.Distinct().Count() > Kills / 4,
            $"{story.Done} steps were done; killed during: {string.Join("; ", moments)}."
        );
        Assert.Equal(0, await last.TerminateAsync());
    }

    private static async Task KilledAtItsStartAsync(TinyInstallation place, TimeSpan after)
    {
        using var process = CommandLineProcess.Start(
            CommandLineProcess.Program,
            ["serve", "--url", "http://127.0.0.1:0", .. place.Settings]
        );
        await Task.Delay(after, TestContext.Current.CancellationToken);
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;
}
