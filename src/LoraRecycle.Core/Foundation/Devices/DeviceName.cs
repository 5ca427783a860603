using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TorchSharp;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>A device as people write it: <c>auto</c> (the first CUDA device, else the CPU), <c>cpu</c>, <c>cuda</c> or
/// <c>cuda:N</c>.</summary>
public static partial class DeviceName
{
    public const string Pattern = "^(auto|cpu|cuda(:[0-9]{1,3})?)$";

    public const string Expected = "auto, cpu, cuda or cuda:N";

    /// <summary>Several devices of one kind, separated by commas; <c>auto</c> is every CUDA device, else the CPU.</summary>
    public const string ListPattern = "^(auto|cpu(,cpu)*|cuda(:[0-9]{1,3})?(,cuda(:[0-9]{1,3})?)*)$";

    public const string ExpectedList = "auto, cpu, or CUDA devices separated by commas, such as cuda:0,cuda:1";

    public static bool IsValid(string name) => Name().IsMatch(name);

    /// <exception cref="ArgumentException">It is no device's name.</exception>
    /// <exception cref="DeviceException">This machine, or the libtorch in use, does not have it.</exception>
    public static torch.Device Resolve(string name)
    {
        if (!IsValid(name)) throw new ArgumentException($"Expected {Expected}, got '{name}'.", nameof(name));
        TorchLibrary.Load();
        if (name == "cpu")
            return torch.CPU;
        if (name == "auto")
            return CountCuda() > 0 ? torch.CUDA : torch.CPU;
        var (index, count) = (
            name == "cuda" ? 0 : int.Parse(name["cuda:".Length..], CultureInfo.InvariantCulture),
            torch.cuda.device_count()
        );
        return index < count
            ? torch.device(name)
            : throw new DeviceException($"Device {name}: libtorch sees {count} CUDA devices on this machine. {Remedy}");
    }

    /// <summary>The devices of a list, without looking whether they are there: what is not fails when it is used.</summary>
    /// <exception cref="ArgumentException">It is no such list.</exception>
    public static IReadOnlyList<string> ParseList(string list)
    {
        if (!List().IsMatch(list)) throw new ArgumentException($"Expected {ExpectedList}, got '{list}'.", nameof(list));
        if (list != "auto") return list.Split(',');
        TorchLibrary.Load();
        return CountCuda() is > 0 and var count ? [.. Enumerable.Range(0, count).Select(index => $"cuda:{index}")] : ["cpu"];
    }

    /// <exception cref="DeviceException">A libtorch with CUDA was named, so a GPU is wanted, and there is none.</exception>
    private static int CountCuda()
    {
        var count = torch.cuda.device_count();
        return count > 0 || !TorchLibrary.IsNamedWithCuda
            ? count
            : throw new DeviceException(
                $"LIBTORCH names a libtorch with CUDA, which sees no CUDA device on this machine. {Remedy} To run without a GPU, choose "
                    + "the device cpu."
            );
    }

    private static string Remedy =>
        !TorchLibrary.IsNamedWithCuda ? "A GPU needs a libtorch with CUDA: LIBTORCH=<dir> ./run ..."
        : NativeLibrary.TryLoad("libcuda.so.1", out _)
            ? "NVIDIA's driver is installed: check that it is new enough for this CUDA, and check CUDA_VISIBLE_DEVICES."
        : "NVIDIA's driver (libcuda.so.1) is missing.";

    [GeneratedRegex(Pattern)]
    private static partial Regex Name();

    [GeneratedRegex(ListPattern)]
    private static partial Regex List();
}
