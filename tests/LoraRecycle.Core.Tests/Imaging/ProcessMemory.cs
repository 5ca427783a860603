using System.Globalization;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>What the kernel says this process holds, native memory included.</summary>
internal static class ProcessMemory
{
    /// <summary>Bytes resident now.</summary>
    public static long Resident() => Field("VmRSS:");

    /// <summary>The most bytes that were ever resident.</summary>
    public static long PeakResident() => Field("VmHWM:");

    private static long Field(string name)
    {
        var line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line[name.Length..^"kB".Length], CultureInfo.InvariantCulture) * 1024;
    }
}
