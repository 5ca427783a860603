using System.Globalization;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Options;

/// <summary>Options such as <c>--shots 1,5</c>.</summary>
internal static class NumberList
{
    public static IReadOnlyList<int> Parse(string option, string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
                ? number
                : throw new UsageException($"{option} {text}: '{part}' is not a positive whole number; expected a list such as 1,5."))];
}
