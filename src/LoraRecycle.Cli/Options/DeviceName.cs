using System.Globalization;
using System.Text.RegularExpressions;
using LoraRecycle.Cli.Errors;
using TorchSharp;

namespace LoraRecycle.Cli.Options;

/// <summary>A device as it is written on the command line.</summary>
internal static partial class DeviceName
{
    /// <exception cref="UsageException">It is no device's name.</exception>
    /// <exception cref="EnvironmentException">This machine, or the libtorch in use, does not have it.</exception>
    public static torch.Device Parse(string name)
    {
        if (!Name().IsMatch(name))
            throw new UsageException($"--device {name}: expected auto, cpu, cuda or cuda:N.");
        if (name == "auto")
            return torch.cuda.is_available() ? torch.CUDA : torch.CPU;
        if (name == "cpu")
            return torch.CPU;
        var index = name == "cuda" ? 0 : int.Parse(name["cuda:".Length..], CultureInfo.InvariantCulture);
        return index < torch.cuda.device_count()
            ? torch.device(name)
            : throw new EnvironmentException(
                $"--device {name}: libtorch sees {torch.cuda.device_count()} CUDA devices here. A GPU needs a CUDA libtorch: LIBTORCH=<dir> ./run ...");
    }

    [GeneratedRegex("^(auto|cpu|cuda(:[0-9]{1,3})?)$")]
    private static partial Regex Name();
}
