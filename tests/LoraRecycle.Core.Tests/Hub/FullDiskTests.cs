using System.Diagnostics;
using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Hub;

/// <summary>On a file system of 2 MB in memory, which only root can make.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly DirectoryInfo _disk = Directory.CreateTempSubdirectory("lora-recycle-disk-");
    private readonly bool _isMounted;

    public FullDiskTests() => _isMounted =
        OperatingSystem.IsLinux()
        && Environment.IsPrivilegedProcess
        && Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", _disk.FullName) == 0;

    public void Dispose()
    {
        if (_isMounted) Run("umount", _disk.FullName);
        _disk.Delete(recursive: true);
    }

    [Fact]
    public async Task What_cannot_fit_is_not_begun()
    {
        Assert.SkipUnless(_isMounted, "Needs root and the right to mount a tmpfs.");
        await using var site = await PullSite.MakeAsync();
        site.Root = Path.Combine(_disk.FullName, "cache");
        site.AddModel(bytes: 5_000_000);
        Assert.Matches("expected 5.0 MB of free disk space, found [0-9.]+ MB. Free some, or set HF_HUB_CACHE", await site.FailedAsync());
        Assert.Empty(site.Names("blobs"));
    }

    [Fact]
    public async Task A_disk_that_fills_up_meanwhile_leaves_nothing_half_under_its_name()
    {
        Assert.SkipUnless(_isMounted, "Needs root and the right to mount a tmpfs.");
        await using var site = await PullSite.MakeAsync();
        site.Root = Path.Combine(_disk.FullName, "cache");
        var repository = site.AddModel(bytes: 1_500_000);
        var (deliver, others) = (repository.Deliver, Path.Combine(_disk.FullName, "others"));
        var tag = TestRepository.Sha256(repository.Files["model.safetensors"]);
        repository.Deliver = async (file, response, bytes) =>
        {
            if (TestRepository.IsLarge(file))
            {
                await response.Body.WriteAsync(bytes[..500_000]);
                await response.Body.FlushAsync();
                while (new FileInfo(Path.Combine(site.Folder, "blobs", $"{tag}.incomplete")) is not { Exists: true, Length: 500_000 })
                    await Task.Delay(10);
                Fill(others);
                bytes = bytes[500_000..];
            }
            await deliver(file, response, bytes);
        };

        Assert.Contains("the disk is full. Free some", await site.FailedAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(tag, site.Names("blobs"));
        Assert.DoesNotContain("model.safetensors", site.Names($"snapshots/{repository.Commit}"));
        Assert.Null(site.Cache.FindModel(PullSite.Name));

        File.Delete(others);
        repository.Deliver = deliver;
        Assert.Equal((await site.PullAsync()).Path, site.Cache.FindModel(PullSite.Name));
        Assert.Contains(site.Hub.Requests, request => request.Range.StartsWith("bytes=", StringComparison.Ordinal));
    }

    private static void Fill(string path)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true)
                stream.Write(page);
        }
        catch (IOException)
        {
            // Full, which is what it is for.
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
