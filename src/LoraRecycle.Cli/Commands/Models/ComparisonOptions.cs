using System.CommandLine;
using System.IO.Enumeration;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Evaluation.Methods;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>Which methods are compared, and with which adapters.</summary>
internal sealed class ComparisonOptions
{
    private readonly Option<string?> _methods = new("--methods")
    {
        Description =
            $"Compare methods on the same episodes: some of {string.Join(", ", MethodCatalog.Names)}, or all. [default: nn; with "
                + "--market, all that need no data]",
        HelpName = "LIST",
    };

    private readonly Option<string?> _market = new("--market")
    {
        Description = "The folder of pre-tuned LoRAs that methods may use.",
        HelpName = "DIR",
    };
    private readonly Option<string[]> _loras = new("--loras")
    {
        Description = "Use only the market's LoRAs whose names match, such as caltech*.",
        HelpName = "PATTERN",
    };
    private readonly Option<string[]> _metaLoras = new("--meta-lora")
    {
        Description = "Add a row for a meta-LoRA: a name, and a directory or id as for --adapter; may be repeated.",
        HelpName = "NAME=DIR|ID",
    };
    private readonly Option<string?> _markdown = new("--markdown") { Description = "Also write the table as Markdown.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _methods, _market, _loras, _metaLoras, _markdown })
            command.Options.Add(option);
    }

    /// <summary>Whether methods are to be compared at all.</summary>
    public bool IsWanted(ParseResult parsed) =>
        parsed.GetValue(_methods) is not null
        || parsed.GetValue(_market) is not null
        || parsed.GetValue(_metaLoras) is { Length: > 0 }
        || parsed.GetValue(_markdown) is not null;

    public string? Market(ParseResult parsed) => parsed.GetValue(_market);

    public string? Markdown(ParseResult parsed) => parsed.GetValue(_markdown);

    /// <summary>The methods' names, in the order of the table.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="hasTrainingClasses">Whether there are real images to train on.</param>
    /// <exception cref="UsageException">One is not known, or needs what is not given.</exception>
    public IReadOnlyList<string> Methods(ParseResult parsed, bool hasTrainingClasses)
    {
        var market = parsed.GetValue(_market) is null ? DataUse.None : DataUse.Market;
        var given = parsed.GetValue(_methods) switch
        {
            null when market == DataUse.None => [MethodCatalog.NearestPrototypeName],
            null => MethodCatalog.NamesWith(market),
            "all" => MethodCatalog.NamesWith(market | (hasTrainingClasses ? DataUse.RealData : DataUse.None)),
            var list => NameList.Parse(list),
        };
        var methods = given.ToArray();
        if (methods.Length == 0)
            throw new UsageException($"--methods: expected some of {string.Join(", ", MethodCatalog.Names)}; got none.");
        foreach (var name in methods)
        {
            var uses =
                MethodCatalog.UsesOf(name)
                ?? throw new UsageException(
                    $"--methods: unknown method '{name}'; expected some of {string.Join(", ", MethodCatalog.Names)}, or all."
                );
            if (uses.HasFlag(DataUse.Market) && market == DataUse.None)
                throw new UsageException($"--methods {name} needs --market, the folder of the LoRAs that it uses.");
            if (uses.HasFlag(DataUse.RealData) && !hasTrainingClasses)
                throw new UsageException(
                    $"--methods {name} needs --split: it trains on real images of the training classes, which the split file names."
                );
        }
        // Nearest prototypes first: the others are compared with them.
        return [.. MethodCatalog.Names.Where(name => methods.Contains(name, StringComparer.Ordinal))];
    }

    /// <summary>The market's LoRAs that are to be used.</summary>
    /// <exception cref="MarketException">The market is damaged or empty, or a LoRA is for another model.</exception>
    public IReadOnlyList<LoraRecord> Records(ParseResult parsed, string model)
    {
        var patterns = parsed.GetValue(_loras) ?? [];
        if (parsed.GetValue(_market) is not { } path)
            return patterns.Length == 0 ? [] : throw new UsageException("--loras needs --market, the folder of the LoRAs.");
        var records = Core
            .Markets.Market.Open(path)
            .Loras.Where(lora =>
                patterns.Length == 0
                || patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, lora.Name, ignoreCase: false))
            )
            .ToArray();
        if (records.Length == 0)
            throw new UsageException($"--loras: none of the LoRAs in '{path}' has a name that matches {string.Join(" or ", patterns)}.");
        return records.FirstOrDefault(lora => lora.Model != model) is { } other
            ? throw new MarketException(
                $"LoRA '{other.Name}' of '{path}' was tuned on {other.Model}, but this model is {model}. Leave it out with --loras, or "
                    + "name its model with --model."
            )
            : records;
    }

    /// <summary>Names and paths of meta-LoRAs.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The model's directory, beside which meta-LoRAs with ids are.</param>
    /// <exception cref="UsageException">One is not of the form NAME=DIR, or a name comes twice.</exception>
    public IReadOnlyList<(string Name, string Path)> MetaLoras(ParseResult parsed, string model)
    {
        var named = (parsed.GetValue(_metaLoras) ?? []).Select(text => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } path]
            ? (name, path)
            : throw new UsageException($"--meta-lora {text}: expected NAME=DIR, such as masked-50=models/meta-loras/mine.")).ToArray();
        return named.GroupBy(entry => entry.name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new UsageException($"--meta-lora: '{twice.Key}' names two rows; give each row its own name.")
            : [.. named.Select(entry => (entry.name, AdapterPath.Find(entry.path, Installation.MetaLorasOf(model), _metaLoras.Name)))];
    }

    /// <summary>Loads adapters for a model; the caller owns them, in this order.</summary>
    public static IReadOnlyList<Adapter> Load<T>(IEnumerable<T> what, Func<T, Adapter> load)
    {
        var loaded = new List<Adapter>();
        try
        {
            foreach (var one in what) loaded.Add(load(one));
            return loaded;
        }
        catch
        {
            loaded.ForEach(adapter => adapter.Dispose());
            throw;
        }
    }

    public IReadOnlyList<Adapter> LoadLoras(ParseResult parsed, IReadOnlyList<LoraRecord> records, FrozenModel model)
    {
        if (records.Count == 0) return [];
        var market = Core.Markets.Market.Open(parsed.GetValue(_market)!);
        return Load(records, record => market.Load(record, model.Transformer.AdaptableLayers, model.Device));
    }
}
