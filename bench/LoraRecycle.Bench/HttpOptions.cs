using System.Globalization;

namespace LoraRecycle.Bench;

/// <summary>What the HTTP benchmark runs.</summary>
/// <param name="Server">The command line program; it is started with <c>serve</c>.</param>
/// <param name="Model">The model directory, for decoding and forward alone.</param>
/// <param name="Samples">Class folders of photographs.</param>
/// <param name="Rounds">Alternations between HTTP and the same work in this process.</param>
/// <param name="Requests">Requests over which memory is watched.</param>
internal sealed record HttpOptions(string Server, string Model, string Samples, int Rounds, int Requests)
{
    public static HttpOptions Parse(string[] args)
    {
        var values = args.Chunk(2)
            .ToDictionary(
                pair => pair[0],
                pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"Expected a value after {pair[0]}.")
            );
        return new HttpOptions(
            values["--server"], values["--model"], values["--samples"],
            int.Parse(values.GetValueOrDefault("--rounds", "15"), CultureInfo.InvariantCulture),
            int.Parse(values.GetValueOrDefault("--requests", "5000"), CultureInfo.InvariantCulture));
    }
}
