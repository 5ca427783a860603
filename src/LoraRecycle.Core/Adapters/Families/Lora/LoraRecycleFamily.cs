using System.Globalization;
using System.Text.RegularExpressions;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Safetensors;
using TorchSharp;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>
/// The single file that the LoRA Recycle paper's code writes: <c>w_a_000</c>, <c>w_b_000</c>, ... for q and v of every
/// layer in turn, so that number 2 i is layer i's q and 2 i + 1 its v, and the head's weight as
/// <c>fc_{in}in_{out}out</c>. It stores no alpha and its layers add B A as it is: the scale is 1. The head's bias is
/// not in the file.
/// </summary>
public sealed partial class LoraRecycleFamily : IAdapterFamily
{
    private const string FirstFactor = "w_a_000";

    public string Name => "lora-recycle";

    public bool Recognises(AdapterFiles files) => files.Config is null && files.Tensors.ContainsKey(FirstFactor);

    public Adapter Read(AdapterFiles files, IReadOnlyList<AdaptableLayer> layers)
    {
        var targets = Targets(layers);
        var count = files.Tensors.Keys.Count(name => name.StartsWith("w_a_", StringComparison.Ordinal));
        if (count != targets.Count)
            throw new AdapterException(
                $"{Quote(files.Path)} has {count} pairs w_a_..., w_b_...; this model has q and v in {targets.Count / 2} layers, so "
                    + $"{targets.Count} are expected."
            );

        // Whatever is read before a later tensor turns out to be damaged goes with this scope.
        using var scope = torch.NewDisposeScope();
        var pairs = targets.Select((layer, number) => Take(files, layer, number)).ToArray();
        var head = TakeHead(files);
        return new(
            Name,
            files.Revision(),
            targets.Zip(pairs).ToDictionary(
                pair => pair.First.Name,
                LayerAdapter (pair) => new LoraLayer(pair.First.Name, pair.Second.A, pair.Second.B, scale: 1),
                StringComparer.Ordinal),
            head is null ? null : new ClassificationHead(head));
    }

    [GeneratedRegex(@"\Afc_([1-9][0-9]{0,8})in_([1-9][0-9]{0,8})out\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeadName();

    /// <summary>The layers that the file's numbers stand for, in their order.</summary>
    private static List<AdaptableLayer> Targets(IReadOnlyList<AdaptableLayer> layers)
    {
        var byName = layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        var targets = new List<AdaptableLayer>();
        for (var i = 0; byName.TryGetValue($"layers.{i}.q", out var q) && byName.TryGetValue($"layers.{i}.v", out var v); i++)
            targets.AddRange([q, v]);
        return targets;
    }

    private static (torch.Tensor A, torch.Tensor B) Take(AdapterFiles files, AdaptableLayer layer, int number)
    {
        var (nameOfA, nameOfB) = ($"w_a_{number:D3}", $"w_b_{number:D3}");

        // The file has no settings; A's own first dimension is the rank, and B must agree with it.
        var rank =
            files.Tensors.TryGetValue(nameOfA, out SafetensorsEntry? entry) && entry.Shape.Count == 2 ? Math.Max(1, entry.Shape[0]) : 1;
        return (files.Take(nameOfA, rank, layer.InFeatures), files.Take(nameOfB, layer.OutFeatures, rank));
    }

    private static torch.Tensor? TakeHead(AdapterFiles files)
    {
        var heads = files.Tensors.Keys.Select(name => HeadName().Match(name)).Where(match => match.Success).ToArray();
        return heads switch
        {
            [] => null,
            [var head] => files.Take(head.Value, Number(head.Groups[2]), Number(head.Groups[1])),
            _ => throw new AdapterException(
                $"{Quote(files.Path)} has {heads.Length} heads ({AdapterException.Shown(heads.Select(head => head.Value))}); expected one."
            ),
        };
    }

    private static long Number(Group digits) => long.Parse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
}
