using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>
/// Modules that were trained whole beside an adapter (<c>modules_to_save</c>). A linear head over the embeddings becomes the
/// adapter's head; anything else would change the model in ways that no adapter of linear layers can.
/// </summary>
internal static class PeftHead
{
    public const string Setting = "modules_to_save";

    private const string Wrapper = "modules_to_save";
    private const int MostNames = 100;

    // Twice as many as real paths have; every one of them is tried as the end of a module's name.
    private const int MostWords = 32;

    // A linear module of another name may be part of the model itself, such as a projection of the embeddings.
    private static readonly string[] Names = ["classifier", "head", "fc", "score", "classification_head"];

    // Models of transformers whose classifier is given something else than the embedding, some of them in the same length.
    private static readonly Dictionary<string, string> OtherInputs = new(StringComparer.Ordinal)
    {
        ["CLIPForImageClassification"] = "the mean of the patches' tokens",
        ["MetaClip2ForImageClassification"] = "the mean of the patches' tokens",
        ["SiglipForImageClassification"] = "the mean of the patches' tokens",
        ["Siglip2ForImageClassification"] = "the mean of the patches' tokens",
        ["Dinov2ForImageClassification"] = "the class token beside the mean of the patches' tokens",
        ["Dinov2WithRegistersForImageClassification"] = "the class token beside the mean of the patches' tokens",
    };

    /// <summary>Whether a layer is part of a module that was trained whole, and therefore is no target of the adapter.</summary>
    /// <exception cref="AdapterException">The setting is not a list of expressions.</exception>
    public static Func<string, bool> Saved(AdapterConfig config)
    {
        var expressions = Listed(config).Select(name => PeftExpression.Of(Setting, name, @"(^|.*\.)", @"($|\..*)")).ToArray();
        return path => expressions.Any(expression => expression.IsMatch(path));
    }

    /// <summary>Takes the head out of the files.</summary>
    /// <returns>Null where the settings announce no modules; what it is made of is the caller's.</returns>
    /// <exception cref="AdapterException">A module is no head, there are several, or the one announced is not there.</exception>
    public static (torch.Tensor Weight, torch.Tensor? Bias)? Take(AdapterFiles files)
    {
        var listed = Listed(files.Config!);
        if (listed.Count == 0)
            return null;
        var modules = files.Tensors.Keys
            .Select(key => (Key: key, Place: Find(key, listed)))
            .Where(found => found.Place is not null)
            .GroupBy(found => found.Place!.Value.Module, found => (found.Key, found.Place!.Value.Parameter), StringComparer.Ordinal)
            .ToArray();
        if (modules.FirstOrDefault(module => !IsHead(files, module.Key, [.. module])) is { } other)
            throw new AdapterException(
                $"{Quote(files.Path)} has the module {Quote(other.Key)} ({Setting}), which is not a linear head over the embeddings: "
                    + $"{AdapterException.Shown(other.Select(entry => entry.Key))}. Train the adapter with that module frozen; "
                    + $"a head must be a linear layer called {string.Join(", ", Names)}, or be stored as "
                    + $"{ClassificationHead.FileName} instead."
            );
        return modules switch
        {
            [] => throw new AdapterException(
                $"{Quote(files.Path)} has no tensor of {AdapterException.Shown(listed)}, although {Setting} in {AdapterConfig.FileName} "
                    + "lists that. "
                    + $"PEFT leaves these tensors out when it converts an adapter while saving; store a head as "
                    + $"{ClassificationHead.FileName} and empty {Setting}."
            ),
            [var head] => Take(files, head.Key, head.ToDictionary(entry => entry.Parameter, entry => entry.Key, StringComparer.Ordinal)),
            _ => throw new AdapterException(
                $"{Quote(files.Path)} has {modules.Length} heads ({AdapterException.Shown(modules.Select(module => module.Key))}); "
                    + "expected one."
            ),
        };
    }

    private static (torch.Tensor Weight, torch.Tensor? Bias) Take(AdapterFiles files, string module, Dictionary<string, string> keys)
    {
        if (
            files.Config!.Section("auto_mapping")?.Text("base_model_class") is { } trainedIn
            && OtherInputs.TryGetValue(trainedIn, out var input)
        )
            throw new AdapterException(
                $"the head {Quote(module)} of {Quote(files.Path)} was trained in {trainedIn}, where it classifies {input}, not "
                    + "the embedding. "
                    + "Train a linear head over the embeddings.");
        var shape = files.Tensors[keys["weight"]].Shape;
        return (files.Take(keys["weight"], shape[0], shape[1]), keys.TryGetValue("bias", out var bias) ? files.Take(bias, shape[0]) : null);
    }

    private static bool IsHead(AdapterFiles files, string module, IReadOnlyList<(string Key, string Parameter)> tensors) =>
        Names.Contains(module[(module.LastIndexOf('.') + 1)..], StringComparer.Ordinal)
        && tensors.All(tensor => tensor.Parameter is "weight" or "bias")
        && tensors.Select(tensor => tensor.Parameter).Distinct(StringComparer.Ordinal).Count() == tensors.Count
        && tensors.Any(tensor => tensor.Parameter == "weight" && files.Tensors[tensor.Key].Shape is [> 0, > 0]);

    private static IReadOnlyList<string> Listed(AdapterConfig config)
    {
        if (!config.IsSet(Setting))
            return [];
        var names =
            config.Texts(Setting)
            ?? throw new AdapterException($"{AdapterConfig.FileName} has {Setting}, which is not a list; expected the names of modules.");
        return names.Count <= MostNames && names.All(name => name.Length > 0)
            ? names
            : throw new AdapterException(
                $"{AdapterConfig.FileName} has {Setting} with {names.Count} names; expected up to {MostNames}, none of them empty."
            );
    }

    /// <summary>The outermost module of a tensor's path that is listed: PEFT goes by the end of its name.</summary>
    private static (string Module, string Parameter)? Find(string key, IReadOnlyList<string> listed)
    {
        if (PeftTensors.PathOf(key) is not { } path)
            return null;
        var words = path.Split('.').ToList();
        if (words.Count > MostWords)
            return null;
        var wrapper = words.IndexOf(Wrapper);
        if (wrapper >= 0)
        {
            // Then comes the name that the adapter had in memory, but not in every version.
            words.RemoveRange(wrapper, words.Count > wrapper + 2 ? 2 : 1);
        }
        for (var length = 1; length < words.Count; length++)
        {
            var module = string.Join('.', words.Take(length));
            if (listed.Any(name => module.EndsWith(name, StringComparison.Ordinal)))
                return (module, string.Join('.', words.Skip(length)));
        }
        return null;
    }
}
