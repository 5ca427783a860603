using System.CommandLine;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Vision.Loading;
using TorchSharp;

namespace LoraRecycle.Cli.Options;

/// <summary>Which model a verb works with, with which adapter and where it runs.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> _model = new("--model")
    {
        Description =
            "The model's Hugging Face directory, or ORG/NAME of one that pull fetched from the hub. [default: models/vit-s-12-96]",
        HelpName = "DIR|ORG/NAME",
    };

    private readonly Option<string?> _adapter = new("--adapter")
    {
        Description =
            "An adapter to merge into the model: a PEFT directory, a file, the id of a meta-LoRA beside the model, such as default, or "
                + "ORG/NAME of one that pull fetched.",
        HelpName = "DIR|ID|ORG/NAME",
    };

    private readonly Option<string> _device = new("--device")
    {
        Description = "Where the model runs: auto (the first CUDA device, else the CPU), cpu, cuda or cuda:N.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> _devices = new("--devices")
    {
        Description = "Several devices that share the work, such as cuda:0,cuda:1, or all CUDA devices; instead of --device.",
        HelpName = "A,B|all",
    };

    private readonly Option<string> _precision = new("--precision")
    {
        Description =
            "The precision of the model's computation: auto (bfloat16 on a GPU and on a CPU with AVX512-BF16 or AMX, else float32), "
                + "float32 or bfloat16.",
        DefaultValueFactory = _ => "auto",
    };

    public void AddTo(Command command, bool withAdapter = true, bool withDevices = false, bool withPrecision = false)
    {
        command.Options.Add(_model);
        if (withAdapter) command.Options.Add(_adapter);
        command.Options.Add(_device);
        if (withDevices) command.Options.Add(_devices);
        if (withPrecision) command.Options.Add(_precision);
    }

    /// <summary>The model's directory.</summary>
    /// <exception cref="UsageException">It is a repository of the hub that was not fetched.</exception>
    public string Directory(ParseResult parsed) => parsed.GetValue(_model) is { } given ? ModelPath.Find(given) : Installation.DefaultModel;

    /// <summary>The path of the adapter; null for the bare model.</summary>
    /// <exception cref="UsageException">It is neither a path nor the id of a meta-LoRA.</exception>
    public string? Adapter(ParseResult parsed) =>
        parsed.GetValue(_adapter) is { } given ? AdapterPath.Find(given, Installation.MetaLorasOf(Directory(parsed))) : null;

    public EmbeddingModel Load(ParseResult parsed) =>
        EmbeddingModel.Load(Directory(parsed), Device(parsed), Adapter(parsed), Precision(parsed));

    /// <summary>Where the weights are that a calibration belongs to: the adapter's directory, or the model's.</summary>
    public string Weights(ParseResult parsed) => Adapter(parsed) is not { } adapter ? Directory(parsed)
        : System.IO.Directory.Exists(adapter) ? adapter : Path.GetDirectoryName(Path.GetFullPath(adapter))!;

    /// <summary>The calibration of a model that was loaded; a file that does not belong to it is passed over, and standard error says
    /// so.</summary>
    /// <exception cref="CalibrationException">The file is damaged.</exception>
    public CalibrationChoice Calibration(ParseResult parsed, EmbeddingModel model)
    {
        var choice = CalibrationChoice.For(Weights(parsed), model.FoundationRevision, model.AdapterRevision);
        if (choice.Problem is { } problem)
            parsed.InvocationConfiguration.Error.WriteLine($"warning: {Weights(parsed)}: {problem}");
        return choice;
    }

    /// <summary>The model bare and in float32, as adapters are tuned on it.</summary>
    public FrozenModel LoadFrozen(ParseResult parsed) => FrozenModel.Load(Directory(parsed), Device(parsed));

    /// <summary>The device, made ready to compute.</summary>
    /// <exception cref="UsageException">It is no device's name.</exception>
    public torch.Device Device(ParseResult parsed) => Ready(parsed, "--device", [parsed.GetValue(_device)!])[0];

    /// <summary>The devices, made ready to compute: those of <c>--devices</c>, or the one of <c>--device</c>.</summary>
    /// <exception cref="UsageException">One is no device's name, there are none, or both options are given.</exception>
    public IReadOnlyList<torch.Device> Devices(ParseResult parsed)
    {
        if (parsed.GetValue(_devices) is not { } list)
            return [Device(parsed)];
        if (parsed.GetResult(_device) is { Implicit: false })
            throw new UsageException("--device and --devices: expected only one of the two.");
        TorchLibrary.Load();
        var names =
            list == "all" ? [.. Enumerable.Range(0, torch.cuda.device_count()).Select(index => $"cuda:{index}")] : NameList.Parse(list);
        return names.Count > 0
            ? Ready(parsed, "--devices", names)
            : throw new UsageException($"--devices {list}: no such device on this machine; expected a list such as cuda:0,cuda:1.");
    }

    /// <exception cref="UsageException">It is no precision's name.</exception>
    private ComputePrecision Precision(ParseResult parsed)
    {
        try
        {
            return ComputePrecisions.Parse(parsed.GetValue(_precision)!);
        }
        catch (ArgumentException)
        {
            throw new UsageException($"--precision {parsed.GetValue(_precision)}: expected {ComputePrecisions.Expected}.");
        }
    }

    private static torch.Device[] Ready(ParseResult parsed, string option, IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(name => !DeviceName.IsValid(name)) is { } wrong)
            throw new UsageException($"{option} {wrong}: expected {DeviceName.Expected}.");
        ComputeThreads.Use(0);
        return [.. names.Select(DeviceName.Resolve)];
    }
}
