using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Cli.Commands.Markets;

/// <summary>The parts of a tuner: a published method sets them, and what is given beside it counts instead.</summary>
internal sealed class MethodOptions
{
    private readonly Option<string> _method;
    private readonly Option<string?> _objective = Choice<Objective>(
        "--objective",
        "What the LoRA learns from: its head's errors, or those of nearest prototypes, where no head can do the work alone.");
    private readonly Option<string?> _form = Choice<LoraForm>("--form", "What a layer is while it is tuned.");
    private readonly Option<string?> _start = Choice<FactorStart>("--start", "What the factors start from; which, depends on the form.");
    private readonly Option<string?> _adjust = Choice<Adjustment>("--adjust", "Change gradients to the nearest to the weight's.");
    private readonly Option<double?> _rowRate = Number("--row-rate", "Divide a row's step by the root of its size; this at zero.");
    private readonly Option<double?> _bRate = Number("--b-rate", "B's learning rate in times of A's.");
    private readonly Option<string?> _noise = new("--noise")
    {
        Description = "Noise on the merged weight: shares of a row's norm and of its gradient's square.",
        HelpName = "SIGMA,BETA",
    };
    private readonly Option<double?> _flat = Number("--flat", "Look for flat minima within this radius.");
    private readonly Option<double?> _flatShare = Number("--flat-share", "How much the gradient at the radius counts.");
    private readonly Option<double?> _keep = Number("--keep", "Leave the weight's strongest directions alone, up to this energy.");
    private readonly Option<double?> _near = Number("--near", "Keep embeddings near the bare model's, with this weight.");
    private readonly Option<double?> _spread = Number("--spread", "Keep dimensions of embeddings from varying together, with this weight.");
    private readonly Option<double?> _lowRank = Number("--low-rank", "Keep the logits' rank low, with this weight.");
    private readonly Option<double?> _gate = Number("--gate", "By how much the gates of form gate shrink each step.");
    private readonly Option<string?> _choose = Choice<Chosen>("--choose", "Which targets are tuned.");
    private readonly Option<double?> _share = Number("--share", "The share of layers or blocks that a search keeps.");
    private readonly Option<int?> _heads = new("--heads") { Description = "How many attention heads form heads moves." };
    private readonly Option<string?> _views = new("--views")
    {
        Description = "What is seen of images, some of crop, colour, lines, mixup; crop and colour are two views of each.",
        HelpName = "A,B",
    };
    private readonly Option<double?> _contrast = Number("--contrast", "The weight of supervised contrast between embeddings, 0 to 1.");

    /// <param name="isList">Whether several methods may be named, of which each LoRA draws one.</param>
    public MethodOptions(bool isList) =>
        _method = new("--method")
        {
            Description = $"A published way to tune{(isList ? "; each LoRA draws one of several" : "")}: "
                + $"{string.Join(", ", TuningMethods.All.Select(method => method.Name))}. docs/tuners.md has them all.",
            DefaultValueFactory = _ => TuningMethods.Plain,
            HelpName = isList ? "NAME,NAME" : "NAME",
        };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
            {
                _method, _objective, _form, _start, _adjust, _rowRate, _bRate, _noise, _flat, _flatShare, _keep, _near, _spread, _lowRank,
                _gate, _choose, _share, _heads, _views, _contrast,
            })
            command.Options.Add(option);
    }

    /// <summary>The methods that are named.</summary>
    /// <exception cref="TuningException">One is not known.</exception>
    public IReadOnlyList<TuningMethod> Methods(ParseResult parsed) =>
        [.. NameList.Parse(parsed.GetValue(_method)!).Select(TuningMethods.Of)];

    /// <summary>Sets what is given beside the method.</summary>
    public TuningSettings Override(ParseResult parsed, TuningSettings settings) => settings with
    {
        Objective = Parse(parsed, _objective, settings.Objective),
        Form = settings.Form with
        {
            Kind = Parse(parsed, _form, settings.Form.Kind),
            Start = Parse(parsed, _start, settings.Form.Start),
            Keep = parsed.GetValue(_keep) ?? settings.Form.Keep,
            Heads = parsed.GetValue(_heads) ?? settings.Form.Heads,
        },
        Gradient = Noisy(parsed, settings.Gradient) with
        {
            Flat = parsed.GetValue(_flat) ?? settings.Gradient.Flat,
            FlatShare = parsed.GetValue(_flatShare) ?? settings.Gradient.FlatShare,
        },
        Update = settings.Update with
        {
            Adjust = Parse(parsed, _adjust, settings.Update.Adjust),
            RowRate = parsed.GetValue(_rowRate) ?? settings.Update.RowRate,
            BRate = parsed.GetValue(_bRate) ?? settings.Update.BRate,
            GateThreshold = parsed.GetValue(_gate) ?? settings.Update.GateThreshold,
        },
        Penalty = settings.Penalty with
        {
            Contrast = parsed.GetValue(_contrast) ?? settings.Penalty.Contrast,
            Near = parsed.GetValue(_near) ?? settings.Penalty.Near,
            Spread = parsed.GetValue(_spread) ?? settings.Penalty.Spread,
            LowRank = parsed.GetValue(_lowRank) ?? settings.Penalty.LowRank,
        },
        Views = parsed.GetValue(_views) is { } views ? Seen(NameList.Parse(views)) : settings.Views,
        Choice = settings.Choice with
        {
            By = Parse(parsed, _choose, settings.Choice.By),
            Share = parsed.GetValue(_share) ?? settings.Choice.Share,
        },
    };

    private GradientSettings Noisy(ParseResult parsed, GradientSettings settings)
    {
        if (parsed.GetValue(_noise) is not { } given) return settings;
        double[] numbers =
        [
            .. given.Split(',').Select(part => double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw new UsageException($"--noise {given}: expected two numbers such as 0.03,0.01.")),
        ];
        return numbers is [var sigma, var beta]
            ? settings with { Noise = sigma, GradientNoise = beta }
            : throw new UsageException($"--noise {given}: expected two numbers such as 0.03,0.01.");
    }

    private static ViewSettings Seen(IReadOnlyList<string> names)
    {
        string[] known = ["crop", "colour", "lines", "mixup"];
        if (names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
            throw new UsageException($"--views: expected some of {string.Join(", ", known)}; got '{unknown}'.");
        var (crops, colours) = (names.Contains("crop"), names.Contains("colour"));
        return new ViewSettings
        {
            Count = crops || colours ? 2 : 1,
            SmallestCrop = crops ? 0.6 : 1,
            Colour = colours ? 0.2 : 0,
            Lines = names.Contains("lines") ? 0.2 : 0,
            Mixup = names.Contains("mixup"),
        };
    }

    private static T Parse<T>(ParseResult parsed, Option<string?> option, T otherwise)
        where T : struct, Enum
    {
        if (parsed.GetValue(option) is not { } given) return otherwise;
        foreach (var value in Enum.GetValues<T>())
            if (Spelled(value) == given)
                return value;
        throw new UsageException($"{option.Name} {given}: expected one of {string.Join(", ", Enum.GetValues<T>().Select(Spelled))}.");
    }

    /// <summary>As a command line spells it: <c>pro-full</c>.</summary>
    private static string Spelled<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static Option<string?> Choice<T>(string name, string description)
        where T : struct, Enum => new(name)
        {
            Description = $"{description} [default: the method's]",
            HelpName = string.Join('|', Enum.GetValues<T>().Select(Spelled)),
        };

    private static Option<double?> Number(string name, string description) => new(name)
    {
        Description = $"{description} [default: the method's]",
    };
}
