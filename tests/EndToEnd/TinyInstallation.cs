using LoraRecycle.Tests;

namespace LoraRecycle.EndToEnd;

/// <summary>Models, a market, meta-LoRAs and a data directory of a service of its own, all of them tiny, for one test.</summary>
internal sealed class TinyInstallation : IDisposable
{
    /// <summary>Built once for all tests of a project, since that takes two starts of the program; each test has a copy.</summary>
    private static readonly Lazy<Task<(string Market, string More)>> Built = new(BuildAsync);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-tiny-");

    /// <summary>The data directory.</summary>
    public string Data => Path.Combine(_folder.FullName, "data");

    /// <summary>The LoRAs that come with the server; those of <see cref="Uploads"/> are not among them.</summary>
    public string Market => Path.Combine(_folder.FullName, "models", "market");

    /// <summary>Directories of LoRAs to be uploaded: PEFT's files, a head and its classes.</summary>
    public IReadOnlyList<string> Uploads { get; private set; } = [];

    /// <summary>What <c>serve</c> must be told.</summary>
    public string[] Settings =>
        [
            $"--Models:Directory={Path.Combine(_folder.FullName, "models")}",
            "--Models:Default=tiny",
            "--Models:MetaLora=first",
            $"--Loras:Market={Market}",
            $"--Storage:Directory={Data}",
            "--Serving:Device=cpu",
            "--Serving:Threads=1",
            "--Health:Deadline=00:01:00",
            "--Jobs:MaxAttempts=100", // a slow machine is killed in the middle of one unit more often than a job bears as shipped
        ];

    /// <summary>The same, where jobs run as well: on the CPU, without a prior, as fast as they can.</summary>
    public string[] SettingsWithJobs =>
        [.. Settings, "--Jobs:Devices:0=cpu", "--Jobs:Threads=1", "--Jobs:Prior=none", "--Jobs:DeviceShare=1"];

    /// <summary>The ids of the meta-LoRAs.</summary>
    public static IReadOnlyList<string> MetaLoras { get; } = ["first", "second"];

    public static async Task<TinyInstallation> MakeAsync()
    {
        var (market, more) = await Built.Value;
        var made = new TinyInstallation();
        TinyModel.Write(Path.Combine(made._folder.FullName, "models", "tiny"));
        Copy(market, made.Market);
        var uploads = Path.Combine(made._folder.FullName, "more");
        Copy(more, uploads);
        made.Uploads = [.. Directory.GetDirectories(uploads).Order(StringComparer.Ordinal)];
        foreach (var (id, source) in MetaLoras.Zip(made.Uploads))
        {
            var metaLora = Directory.CreateDirectory(Path.Combine(made._folder.FullName, "models", "meta-loras", id)).FullName;
            foreach (var name in new[] { "adapter_config.json", "adapter_model.safetensors" })
                File.Copy(Path.Combine(source, name), Path.Combine(metaLora, name));
        }
        return made;
    }

    /// <summary>Builds the market, and another one for the uploads.</summary>
    private static async Task<(string Market, string More)> BuildAsync()
    {
        var folder = Directory.CreateTempSubdirectory("lora-recycle-tiny-built-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var (market, more) = (Path.Combine(folder, "market"), Path.Combine(folder, "more"));
        await BuildAsync(market, loras: 2, seed: 1);
        await BuildAsync(more, loras: 6, seed: 2);
        return (market, more);

        async Task BuildAsync(string folder, int loras, int seed)
        {
            var (code, _, error) = await CommandLineProcess.RunAsync(
                "env",
                "DOTNET_PROCESSOR_COUNT=1",
                CommandLineProcess.Program,
                "market",
                "build",
                "--data",
                Repository.PathOf("samples"),
                "--out",
                folder,
                "--loras",
                $"{loras}",
                "--ways",
                "2",
                "--ranks",
                "2,4",
                "--steps",
                "1",
                "--batch",
                "2",
                "--seed",
                $"{seed}",
                "--model",
                TinyModel.Directory,
                "--device",
                "cpu"
            );
            Assert.Equal((0, ""), (code, error));
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static void Copy(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(source))
            Copy(folder, Path.Combine(target, Path.GetFileName(folder)));
    }
}
