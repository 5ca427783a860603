using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Tests.Imaging;
using LoraRecycle.Core.Tests.Safetensors;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning.Markets;

/// <summary>A tiny model, a data set of four tints, and a folder for a market of LoRAs that tell them apart.</summary>
internal sealed class ToyMarket : IDisposable
{
    public static readonly string[] Classes = ["blue", "green", "grey", "red"];

    private readonly ScratchFolder _folder = new();
    private readonly ImageDataSet _data;

    public ToyMarket()
    {
        Model = FrozenModel.Load(CopyModel(), CPU);
        _data = ImageDataSet.Open(Paint());
        Run = new LoraRun(Model, Images(), ScalarType.Float16, TimeProvider.System);
    }

    public FrozenModel Model { get; }

    public LoraRun Run { get; }

    public string Path => _folder.PathOf("market");

    public static MarketPlan Plan(int loras, int steps = 40) => new()
    {
        Loras = loras,
        Ways = 3,
        Ranks = [2, 4, 8],
        Targets = [["q", "v"], ["q", "k", "v", "out"]],
        Seed = 5,
        Settings = new TuningSettings { Steps = steps, BatchSize = 12, LearningRate = 5e-3 },
    };

    public static IReadOnlyList<LoraTask> Tasks(int loras, int steps = 40) => Plan(loras, steps).Draw("tints", Classes);

    public TaskImages Images(double heldOut = 0.25) => new(_data, Model.Preprocessor, new HeldOutSplit(heldOut, Seed: 3));

    public MarketReport Build(
        IReadOnlyList<LoraTask> tasks,
        IProgress<MarketProgress>? progress = null,
        CancellationToken? cancellation = null
    ) => new MarketBuilder(Market.OpenOrCreate(Path), Run).Build(tasks, progress, cancellation ?? TestContext.Current.CancellationToken);

    public IReadOnlyList<CheckedLora> Check()
    {
        var market = Market.Open(Path);
        return
        [
            .. market.Loras.Select(lora =>
                new MarketCheck(Model).Check(
                    lora,
                    market,
                    (dataSet, split) => dataSet == "tints" ? new TaskImages(_data, Model.Preprocessor, split) : null,
                    TestContext.Current.CancellationToken
                )
            ),
        ];
    }

    public void Dispose()
    {
        Model.Dispose();
        _data.Dispose();
        _folder.Dispose();
    }

    private string CopyModel()
    {
        var folder = Directory.CreateDirectory(_folder.PathOf("tiny")).FullName;
        foreach (var name in new[] { "config.json", "model.safetensors" })
            File.Copy(Repository.PathOf("tests", "golden", "clip", "model", name), System.IO.Path.Combine(folder, name));
        File.WriteAllText(
            System.IO.Path.Combine(folder, "preprocessor_config.json"),
            """{"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 32}, "crop_size": {"height": 32, "width": 32}}""");
        return folder;
    }

    private string Paint()
    {
        var random = new Random(1);
        foreach (var (label, name) in Classes.Index())
        {
            var folder = Directory.CreateDirectory(_folder.PathOf("tints", name)).FullName;
            for (var i = 0; i < 16; i++)
                File.WriteAllBytes(System.IO.Path.Combine(folder, $"{i:D2}.png"), Png.Of(32, 32, Png.Rgb, 8, (_, _) => Pixel(label)));
        }
        return _folder.PathOf("tints");

        byte[] Pixel(int label) => [.. Enumerable.Range(0, 3).Select(channel =>
            (byte)(random.Next(120) + (label switch { 0 => channel == 2, 1 => channel == 1, 3 => channel == 0, _ => false } ? 120 : 30)))];
    }
}
