using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>Recycling by a process that is killed, or whose disk is full, on a tiny model.</summary>
public sealed class RecycleTests : IDisposable
{
    // So little work is done soonest by one thread, however busy the machine is.
    private const string OneThread = "DOTNET_PROCESSOR_COUNT=1";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-end-to-end-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_recycling_that_is_killed_in_both_stages_ends_in_the_same_meta_lora()
    {
        await Done(
            "market",
            "build",
            "--data",
            Repository.PathOf("samples"),
            "--out",
            PathOf("market"),
            "--loras",
            "2",
            "--ways",
            "2",
            "--ranks",
            "2,4",
            "--steps",
            "1",
            "--batch",
            "2",
            "--model",
            TinyModel.Directory,
            "--device",
            "cpu"
        );
        await Done(Recycle("whole"));

        await KilledWhen(
            "broken",
            () => Directory.Exists(PathOf("broken.pools")) && Directory.EnumerateFiles(PathOf("broken.pools"), "samples-*.checkpoint").Any()
        );
        await KilledWhen("broken", () => File.Exists(PathOf("broken.pools", "distillation.checkpoint")));
        Assert.False(Directory.Exists(PathOf("broken")));
        await Done(Recycle("broken"));

        foreach (var file in new[] { "adapter_model.safetensors", "adapter_config.json" })
            Assert.Equal(File.ReadAllBytes(PathOf("whole", file)), File.ReadAllBytes(PathOf("broken", file)));
        Assert.Empty(Directory.EnumerateFiles(PathOf("broken.pools")));
    }

    [Fact]
    public async Task A_full_disk_loses_no_lora_that_is_finished()
    {
        await Done(
            "market",
            "build",
            "--data",
            Repository.PathOf("samples"),
            "--out",
            PathOf("market"),
            "--loras",
            "1",
            "--ways",
            "2",
            "--steps",
            "1",
            "--batch",
            "2",
            "--model",
            TinyModel.Directory,
            "--device",
            "cpu"
        );
        await Done(
            "tune",
            "--data",
            Repository.PathOf("samples"),
            "--out",
            PathOf("market", "larger"),
            "--steps",
            "1",
            "--batch",
            "2",
            "--model",
            TinyModel.Directory,
            "--device",
            "cpu"
        );
        string[] line =
        [
            "invert", "--lora", PathOf("market", "samples-000"), PathOf("market", "larger"), "--out", PathOf("pools"),
            "--iterations", "1", "--images", "4", "--prior", "none", "--model", TinyModel.Directory, "--device", "cpu",
        ];
        await Done([.. line.Where(word => !word.EndsWith("larger", StringComparison.Ordinal))]);
        var first = File.ReadAllBytes(PathOf("pools", "samples-000", "images.safetensors"));

        // Files end at 64 KiB: the larger pool's images do not fit.
        var (code, _, error) = await CommandLineProcess.RunAsync(
            "bash",
            [
                "-c",
                "trap '' XFSZ; ulimit -f 64; DOTNET_EnableWriteXorExecute=0 DOTNET_PROCESSOR_COUNT=1 exec \"$@\"",
                "bash",
                CommandLineProcess.Program,
                .. line,
            ]
        );
        Assert.Equal((2, 1), (code, error.Trim().Split('\n').Length));
        Assert.StartsWith("error: ", error, StringComparison.Ordinal);
        Assert.Equal(first, File.ReadAllBytes(PathOf("pools", "samples-000", "images.safetensors")));
        Assert.Equal(
            ["run.json", "samples-000"],
            Directory.EnumerateFileSystemEntries(PathOf("pools")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)
        );

        await Done(line);
        Assert.True(File.Exists(PathOf("pools", "larger", "pool.json")));
    }

    private string[] Recycle(string output) =>
        [
            "recycle",
            "--market",
            PathOf("market"),
            "--out",
            PathOf(output),
            "--invert-iterations",
            "24",
            "--invert-images",
            "2",
            "--invert-prior",
            "none",
            "--invert-checkpoint-every",
            "3",
            "--together",
            "1",
            "--distill-iterations",
            "400",
            "--distill-episodes",
            "1",
            "--distill-shots",
            "1",
            "--distill-queries",
            "1",
            "--distill-checkpoint-every",
            "25",
            "--model",
            TinyModel.Directory,
            "--device",
            "cpu",
        ];

    private async Task KilledWhen(string output, Func<bool> reached)
    {
        using var process = CommandLineProcess.Start("env", [OneThread, CommandLineProcess.Program, .. Recycle(output)]);
        while (!reached())
        {
            if (process.HasExited)
                Assert.Fail(
                    $"It ended before it could be killed: "
                        + $"{await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}"
                );
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        process.Kill(); // SIGKILL; env has become the program
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static async Task Done(params string[] line)
    {
        var (code, _, error) = await CommandLineProcess.RunAsync("env", [OneThread, CommandLineProcess.Program, .. line]);
        Assert.Equal((0, ""), (code, error));
    }

    private string PathOf(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);
}
