using System.Globalization;
using System.Text.RegularExpressions;
using TorchSharp;

namespace LoraRecycle.Core.Devices;

/// <summary>A device as people write it: <c>auto</c> (the first CUDA device, else the CPU), <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
public static partial class DeviceName
{
    public const string Pattern = "^(auto|cpu|cuda(:[0-9]{1,3})?)$";

    public const string Expected = "auto, cpu, cuda or cuda:N";

    public static bool IsValid(string name) => Name().IsMatch(name);

    /// <exception cref="ArgumentException">It is no device's name.</exception>
    /// <exception cref="DeviceException">This machine, or the libtorch in use, does not have it.</exception>
    public static torch.Device Resolve(string name)
    {
        if (!IsValid(name)) throw new ArgumentException($"Expected {Expected}, got '{name}'.", nameof(name));
        if (name == "auto") return torch.cuda.is_available() ? torch.CUDA : torch.CPU;
        if (name == "cpu") return torch.CPU;
        var index = name == "cuda" ? 0 : int.Parse(name["cuda:".Length..], CultureInfo.InvariantCulture);
        return index < torch.cuda.device_count()
            ? torch.device(name)
            : throw new DeviceException(
                $"Device {name}: libtorch sees {torch.cuda.device_count()} CUDA devices here. A GPU needs a CUDA libtorch: LIBTORCH=<dir> ./run ...");
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Name();
}
