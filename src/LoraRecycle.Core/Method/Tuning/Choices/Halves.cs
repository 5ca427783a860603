using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Method.Tuning.Options;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Choices;

/// <summary>The images of a task in two halves, each with images of every class. Owns them.</summary>
internal sealed record Halves(LabelledImages Learning, LabelledImages Judging) : IDisposable
{
    /// <exception cref="TuningException">A class has too few images.</exception>
    public static Halves Of(LabelledImages images, TuningSettings settings)
    {
        using var scope = NewDisposeScope();
        long[] labels = [.. images.Labels.cpu().data<long>()];
        var byClass = labels.Index().GroupBy(label => label.Item, label => (long)label.Index).ToArray();
        foreach (var members in byClass) settings.RequireImages(images.ClassNames[(int)members.Key], members.Count());
        return new Halves(Part(members => members.Where((_, i) => i % 2 == 0)), Part(members => members.Where((_, i) => i % 2 == 1)));

        LabelledImages Part(Func<IEnumerable<long>, IEnumerable<long>> choose)
        {
            var rows = tensor(byClass.SelectMany(choose).ToArray(), device: images.Labels.device);
            return new LabelledImages(
                images.Pixels.index_select(0, rows.to(images.Pixels.device)), images.Labels.index_select(0, rows), images.ClassNames);
        }
    }

    public void Dispose()
    {
        Learning.Dispose();
        Judging.Dispose();
    }
}
