using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Hub;

public class ResumeTests
{
    private const string Weights = "/maker/seer/model.safetensors";
    private const int Bytes = 1_000_000, Half = 500_000;

    [Fact]
    public async Task A_connection_that_breaks_is_gone_on_with_from_where_it_broke()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel(Bytes);
        var (broken, sent) = (0, 0);
        repository.Deliver = async (file, response, bytes) =>
        {
            if (!TestRepository.IsLarge(file) || ++sent > 6)
            {
                await response.Body.WriteAsync(bytes);
                return;
            }
            // More often than a pull would ask again for the same bytes: each time some of them came.
            broken++;
            await response.Body.WriteAsync(bytes[..100_000]);
            await response.Body.FlushAsync();
            await ArrivedAsync(site, broken * 100_000);
            response.HttpContext.Abort();
        };

        var pulled = await site.PullAsync();

        Assert.Equal(6, broken);
        Assert.Equal(["", .. Enumerable.Range(1, 6).Select(times => $"bytes={times}00000-")], Ranges(site));
        Assert.Equal(repository.Files["model.safetensors"], await ReadAsync(pulled.Path));
        Assert.Equal((site.Progress[^1].Total, true), (site.Progress[^1].Done, site.Progress.All(step => step.Done <= step.Total)));
    }

    [Fact]
    public async Task A_pull_that_was_interrupted_goes_on_and_until_then_nothing_is_found()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel(Bytes);
        var deliver = repository.Deliver;
        using var interruption = new CancellationTokenSource();
        repository.Deliver = async (file, response, bytes) =>
        {
            if (!TestRepository.IsLarge(file))
            {
                await deliver(file, response, bytes);
                return;
            }
            await response.Body.WriteAsync(bytes[..Half]);
            await response.Body.FlushAsync();
            await ArrivedAsync(site, Half);
            await interruption.CancelAsync();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => site.PullAsync(cancellation: interruption.Token));
        Assert.Null(site.Cache.FindModel(PullSite.Name));
        Assert.DoesNotContain(TestRepository.Sha256(repository.Files["model.safetensors"]), site.Names("blobs"));

        repository.Deliver = deliver;
        var pulled = await site.PullAsync();

        Assert.Equal(["", $"bytes={Half}-"], Ranges(site));
        Assert.Equal(repository.Files["model.safetensors"], await ReadAsync(pulled.Path));
        Assert.True(site.Progress[0].Done >= Half);
        Assert.DoesNotContain(site.Names("blobs"), name => name.EndsWith(".incomplete", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_without_ranges_sends_all_of_it_again()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel(Bytes);
        site.Hub.HasRanges = false;
        Leave(site, repository.Files["model.safetensors"][..Half]);

        var pulled = await site.PullAsync();

        Assert.Equal([$"bytes={Half}-"], Ranges(site));
        Assert.Equal(repository.Files["model.safetensors"], await ReadAsync(pulled.Path));
    }

    [Fact]
    public async Task What_someone_left_that_is_wrong_is_thrown_away_and_fetched_anew()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel(Bytes);
        Leave(site, PullSite.Random(Half, seed: 7));

        var pulled = await site.PullAsync();

        Assert.Equal([$"bytes={Half}-", ""], Ranges(site));
        Assert.Equal(repository.Files["model.safetensors"], await ReadAsync(pulled.Path));
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("config.json")]
    public async Task A_file_whose_hash_is_wrong_gets_no_name(string file)
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel(Bytes);
        var content = repository.Files[file];
        repository.Sent[file] = [.. content[..^1], (byte)(content[^1] ^ 1)];

        var message = await site.FailedAsync();

        Assert.Contains($"{file} came otherwise than the hub describes it", message, StringComparison.Ordinal);
        Assert.DoesNotContain(site.Names("blobs"), name => name.StartsWith(TestRepository.Tag(file, content), StringComparison.Ordinal));
        Assert.DoesNotContain(file, site.Names($"snapshots/{repository.Commit}"));
        Assert.Null(site.Cache.FindModel(PullSite.Name));
    }

    [Fact]
    public async Task A_file_that_is_longer_than_the_hub_says_is_not_taken_in()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel(Bytes);
        repository.Sent["model.safetensors"] = PullSite.Random(2 * Bytes);

        Assert.Contains($"expected {Bytes} bytes", await site.FailedAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("model.safetensors", site.Names($"snapshots/{repository.Commit}"));
    }

    private static string[] Ranges(PullSite site) =>
        [.. site.Hub.Requests.Where(request => request.Path == Weights).Select(request => request.Range)];

    private static Task<byte[]> ReadAsync(string snapshot) =>
        File.ReadAllBytesAsync(Path.Combine(snapshot, "model.safetensors"), TestContext.Current.CancellationToken);

    /// <summary>What an earlier pull may have left of the weights.</summary>
    private static void Leave(PullSite site, byte[] part)
    {
        Directory.CreateDirectory(Path.Combine(site.Folder, "blobs"));
        File.WriteAllBytes(Partial(site), part);
    }

    private static async Task ArrivedAsync(PullSite site, long bytes)
    {
        while (new FileInfo(Partial(site)) is not { Exists: true } partial || partial.Length != bytes)
            await Task.Delay(10);
    }

    private static string Partial(PullSite site) =>
        Path.Combine(site.Folder, "blobs", $"{TestRepository.Sha256(PullSite.Random(Bytes))}.incomplete");
}
