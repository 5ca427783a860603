using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;

namespace LoraRecycle.Core.Adapters.Families.Ia3;

/// <summary>(IA)3 as PEFT writes it: layers that are named among the feed-forward modules have their inputs scaled, others their
/// outputs.</summary>
public sealed class Ia3Family() : PeftFamily("ia3", "IA3")
{
    private const string Inputs = "feedforward_modules";

    internal override IReadOnlyCollection<string> Settings => [Inputs, "init_ia3_weights"];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var onInputs = Matcher(files.Config!);
        return entry => onInputs(entry.Layer.SourceName)
            ? new Ia3Layer(entry.Layer.Name, files.Take(entry["ia3_l"], 1, entry.Layer.InFeatures).flatten(), onInputs: true)
            : new Ia3Layer(entry.Layer.Name, files.Take(entry["ia3_l"], entry.Layer.OutFeatures, 1).flatten(), onInputs: false);
    }

    private static Func<string, bool> Matcher(AdapterConfig config)
    {
        if (config.Texts(Inputs) is { } names)
            return path => names.Any(name => path.EndsWith(name, StringComparison.Ordinal));
        return config.Text(Inputs) is { } expression
            ? PeftExpression.Whole(Inputs, expression).IsMatch
            : throw new AdapterException(
                $"{AdapterConfig.FileName} has no {Inputs}, the layers whose inputs are scaled; expected a list of names."
            );
    }
}
