using System.Globalization;

namespace LoraRecycle.Bench.Soak;

/// <summary>What the soak runs.</summary>
/// <param name="Server">The command line program; it is started with <c>serve</c>.</param>
/// <param name="Duration">How long.</param>
/// <param name="Clients">How many clients classify as fast as they are answered.</param>
/// <param name="Samples">Class folders of photographs.</param>
/// <param name="Loras">A market for the model that serves; one of its LoRAs is uploaded again and again, each time another one.</param>
/// <param name="Settings">More settings of the server.</param>
internal sealed record SoakOptions(
    string Server,
    TimeSpan Duration,
    int Clients,
    string Samples,
    string Loras,
    IReadOnlyList<string> Settings
)
{
    public static SoakOptions Parse(string[] args)
    {
        var pairs = args.Chunk(2)
            .Select(pair =>
                pair.Length == 2 ? (Name: pair[0], Value: pair[1]) : throw new ArgumentException($"Expected a value after {pair[0]}.")
            )
            .ToArray();
        string Of(string name, string otherwise) => pairs.LastOrDefault(pair => pair.Name == name).Value ?? otherwise;
        return new SoakOptions(
            pairs.LastOrDefault(pair => pair.Name == "--server").Value
                ?? throw new ArgumentException("Expected --server, the command line program."),
            TimeSpan.FromMinutes(double.Parse(Of("--minutes", "10"), CultureInfo.InvariantCulture)),
            int.Parse(Of("--clients", "8"), CultureInfo.InvariantCulture),
            Of("--samples", "samples"),
            Of("--loras", Path.Combine("models", "market")),
            [.. pairs.Where(pair => pair.Name == "--setting").Select(pair => $"--{pair.Value}")]);
    }
}
