using TorchSharp;

namespace LoraRecycle.Core.Adapters.Families.Lora;

/// <summary>Makes one adapter of several LoRAs, each of which acts on its own share of a batch.</summary>
public static class LoraGroup
{
    public const string Family = "lora-group";

    /// <param name="members">LoRAs of any ranks and targets; not kept.</param>
    /// <param name="layers">The model's layers.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="dtype">In what precision.</param>
    /// <returns>An adapter of <see cref="GroupedLoraLayer"/>s, which the caller owns.</returns>
    /// <exception cref="AdapterException">A member is no LoRA.</exception>
    public static Adapter Stack(
        IReadOnlyList<Adapter> members,
        IReadOnlyList<AdaptableLayer> layers,
        torch.Device device,
        torch.ScalarType dtype
    )
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(members.Count, nameof(members));
        foreach (var member in members) member.RequireOnlyLayers("run in one batch with others");
        var stacked = layers
            .Where(layer => members.Any(member => member.Layers.ContainsKey(layer.Name)))
            .ToDictionary(
                layer => layer.Name,
                LayerAdapter (layer) =>
                    new GroupedLoraLayer(layer, [.. members.Select(member => PartOf(member, layer.Name))], device, dtype),
                StringComparer.Ordinal
            );
        return new Adapter(Family, string.Join('+', members.Select(member => member.Revision)), stacked);
    }

    private static LoraLayer? PartOf(Adapter member, string layer) =>
        member.Layers.GetValueOrDefault(layer) switch
        {
            null => null,
            LoraLayer lora => lora,
            var other => throw new AdapterException(
                $"Several adapters run in one batch only if all are plain LoRAs; layer {layer} of one of family {member.Family} is a "
                    + $"{other.GetType().Name}."
            ),
        };
}
