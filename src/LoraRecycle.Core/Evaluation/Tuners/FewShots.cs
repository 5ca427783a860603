using LoraRecycle.Core.DataSets.Images;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>The first few images of every class.</summary>
internal static class FewShots
{
    /// <param name="images">Taken over.</param>
    /// <param name="shots">How many of each class; null for all.</param>
    /// <returns>The caller's.</returns>
    public static LabelledImages Of(LabelledImages images, int? shots)
    {
        if (shots is not { } most) return images;
        using var all = images;
        using var scope = NewDisposeScope();
        var seen = new Dictionary<long, int>();
        long[] kept =
        [
            .. images.Labels.cpu().data<long>().ToArray().Index()
                .Where(label => (seen[label.Item] = seen.GetValueOrDefault(label.Item) + 1) <= most)
                .Select(label => (long)label.Index),
        ];
        var rows = tensor(kept, device: images.Labels.device);
        return new LabelledImages(images.Pixels.index_select(0, rows), images.Labels.index_select(0, rows), images.ClassNames);
    }
}
