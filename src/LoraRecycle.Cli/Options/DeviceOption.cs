using System.CommandLine;

namespace LoraRecycle.Cli.Options;

/// <summary>Where the model runs.</summary>
internal sealed class DeviceOption() : Option<string>("--device")
{
    public static DeviceOption Create() => new()
    {
        Description = "Where the model runs: auto (the first CUDA device, else the CPU), cpu, cuda or cuda:N.",
        DefaultValueFactory = _ => "auto",
    };
}
