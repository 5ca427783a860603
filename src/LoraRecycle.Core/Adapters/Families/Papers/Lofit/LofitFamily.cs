using System.Globalization;
using LoraRecycle.Core.Adapters.Storage;
using LoraRecycle.Core.Adapters.Storage.Peft;
using static LoraRecycle.Core.Safetensors.SafetensorsException;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Families.Papers.Lofit;

/// <summary>
/// LoFiT in a layout of this project: <c>attn_v.3</c> and perhaps <c>attn_A.3</c> for head 3, named after the output
/// projection that the heads go into. Heads that have no tensor stay as they are.
/// </summary>
public sealed class LofitFamily() : PaperFamily("lofit")
{
    private const string Heads = "num_heads";
    private const string Offset = "attn_v.";
    private const string Scaling = "attn_A.";

    internal override IReadOnlyCollection<string> OwnSettings => [Heads];

    internal override Func<PeftTensors, LayerAdapter> Reader(AdapterFiles files, IReadOnlyList<PeftTensors> adapted)
    {
        var heads = files.Config!.Whole(Heads, 1, int.MaxValue);
        return entry =>
        {
            var layer = entry.Layer;
            if (layer.Part != "out")
                throw new AdapterException(
                    $"tensor {Quote(entry.Keys.Values.First())} of {Quote(files.Path)} is for layer {layer.SourceName}; expected the "
                        + "output projection, which attention heads go into."
                );
            if (layer.InFeatures % heads != 0)
                throw new AdapterException(
                    $"{AdapterConfig.FileName} has {Heads} = {heads}, which does not divide the width {layer.InFeatures} of layer "
                        + $"{layer.SourceName}."
                );
            var (offsets, scales) = (Take(files, entry, Offset, heads), Take(files, entry, Scaling, heads));
            return offsets is null && scales is null
                ? throw new AdapterException(
                    $"layer {layer.SourceName} has neither {Offset}0 nor another head's offset or scale, only "
                        + $"{AdapterException.Shown(entry.Keys.Values)}."
                )
                : new LofitLayer(layer.Name, heads, offsets, scales);
        };
    }

    private static HeadVectors? Take(AdapterFiles files, PeftTensors entry, string prefix, long heads)
    {
        var found = entry
            .Keys.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(pair => (Head: Head(files, pair.Key[prefix.Length..], pair.Value, heads), Key: pair.Value))
            .OrderBy(pair => pair.Head)
            .ToArray();
        if (found.Length == 0)
            return null;
        if (found.DistinctBy(pair => pair.Head).Count() < found.Length)
            throw new AdapterException(
                $"{Quote(files.Path)} has two tensors for one head: {AdapterException.Shown(found.Select(pair => pair.Key))}."
            );
        return new HeadVectors(
            [.. found.Select(pair => pair.Head)],
            stack(found.Select(pair => files.Take(pair.Key, entry.Layer.InFeatures / heads)).ToArray())
        );
    }

    private static long Head(AdapterFiles files, string number, string key, long heads) =>
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var head) && head < heads
            ? head
            : throw new AdapterException(
                $"tensor {Quote(key)} of {Quote(files.Path)} is for head {Quote(number)}; expected a number from 0 to {heads - 1}."
            );
}
