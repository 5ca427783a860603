using System.IO.Compression;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.MetaLoras;

/// <summary>A meta-LoRA that is taken along to another server.</summary>
public sealed class MetaLoraArchiveTests : IDisposable
{
    private readonly MetaLoraFolder _folder = new MetaLoraFolder().Add("one", seed: 1, run: """{"model":"tiny"}""").AddDamaged("broken");
    private readonly MetaLoraFolder _other = new();

    public void Dispose()
    {
        _folder.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task What_is_downloaded_answers_on_another_server_as_it_does_here()
    {
        await using var here = await AdapterService.StartAsync(_folder, "one");
        var archive = await here.Client.GetByteArrayAsync("/meta-loras/one/archive", TestContext.Current.CancellationToken);
        await ZipFile.ExtractToDirectoryAsync(new MemoryStream(archive), _other["mine"], TestContext.Current.CancellationToken);
        await using var there = await AdapterService.StartAsync(_other, "mine");

        var (expected, found) = (await here.ClassifyAsync("one"), await there.ClassifyAsync("mine"));
        Assert.Equal(expected.MetaLoraRevision(), found.MetaLoraRevision());
        Assert.Equal(expected.GetProperty("predictions").GetRawText(), found.GetProperty("predictions").GetRawText());
        Assert.False(File.Exists(Path.Combine(_other["mine"], "run.json")));
    }

    [Fact]
    public async Task One_that_is_damaged_or_not_there_is_refused()
    {
        await using var service = await AdapterService.StartAsync(_folder, "one");
        using var damaged = await service.Client.GetAsync("/meta-loras/broken/archive", TestContext.Current.CancellationToken);
        using var missing = await service.Client.GetAsync("/meta-loras/none/archive", TestContext.Current.CancellationToken);

        await damaged.IsProblemAsync(422, "unusable-meta-lora");
        await missing.IsProblemAsync(404, "meta-lora-not-found");
    }
}
