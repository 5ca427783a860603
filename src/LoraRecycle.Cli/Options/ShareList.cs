using System.Globalization;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Options;

/// <summary>Numbers such as <c>0,.5,.75</c>.</summary>
internal static class ShareList
{
    /// <exception cref="UsageException">It is no list of numbers.</exception>
    public static IReadOnlyList<double> Parse(string option, string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part =>
            double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share)
                ? share
                : throw new UsageException($"{option} {text}: expected shares such as 0.5, or 0,0.5,0.75."))];
}
