using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Safetensors;

/// <summary>The format's rule on places: the tensors cover the data from its first byte to its last, with no hole and no overlap.</summary>
internal static class SafetensorsLayout
{
    public static void Check(IEnumerable<SafetensorsEntry> entries, long dataLength)
    {
        long covered = 0;
        foreach (var entry in entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.Length))
        {
            if (entry.Offset > dataLength || entry.Length > dataLength - entry.Offset)
                throw new SafetensorsException(
                    $"tensor {Quote(entry.Name)} is said to lie at bytes {entry.Offset} to {entry.Offset + entry.Length} of the data, "
                    + $"but only {dataLength} bytes follow the header; the file is cut short or its header is wrong.");
            if (entry.Offset != covered)
                throw new SafetensorsException(
                    $"tensor {Quote(entry.Name)} starts at byte {entry.Offset} of the data where byte {covered} was expected: "
                    + (entry.Offset > covered ? "there is a hole before it." : "it overlaps the tensor before it."));
            covered += entry.Length;
        }

        if (covered != dataLength)
            throw new SafetensorsException(
                $"the header describes {covered} bytes of tensors, but {dataLength} bytes follow it; every byte must belong to a tensor.");
    }
}
