using System.CommandLine;
using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Cli.Options;

/// <summary>The shape of episodes and the seed they are drawn with.</summary>
internal sealed class EpisodeOptions(int ways, string shots, int queries)
{
    private readonly Option<int> _ways = new("--ways") { Description = "Classes per episode.", DefaultValueFactory = _ => ways };
    private readonly Option<string> _shots = new("--shots")
    {
        Description = "Support images per class; some verbs take a list such as 1,5.",
        DefaultValueFactory = _ => shots,
    };
    private readonly Option<int> _queries = new("--queries")
    {
        Description = "Query images per class.",
        DefaultValueFactory = _ => queries,
    };
    private readonly Option<long> _seed = new("--seed")
    {
        Description = "The same seed draws the same episodes on every machine.",
        DefaultValueFactory = _ => 0,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_ways);
        command.Options.Add(_shots);
        command.Options.Add(_queries);
        command.Options.Add(_seed);
    }

    public long Seed(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>One shape for each number of shots.</summary>
    public IReadOnlyList<EpisodeShape> Shapes(ParseResult parsed) =>
        [
            .. NumberList
                .Parse("--shots", parsed.GetValue(_shots)!)
                .Select(k => new EpisodeShape(parsed.GetValue(_ways), k, parsed.GetValue(_queries))),
        ];
}
