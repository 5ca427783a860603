using System.Globalization;

namespace LoraRecycle.Core.Foundation;

/// <summary>Bytes for people.</summary>
public static class ByteText
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>A number of bytes in a unit of which it has at least one, by thousands, as disks and networks are counted.</summary>
    public static string Of(double bytes)
    {
        var unit = 0;
        for (; bytes >= 1000 && unit < Units.Length - 1; unit++)
            bytes /= 1000;
        return $"{bytes.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture)} {Units[unit]}";
    }
}
