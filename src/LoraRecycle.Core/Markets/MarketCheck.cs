using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Core.Markets;

/// <summary>Tests a market's LoRAs again: whether each still loads, is what was listed, and knows its held-out images.</summary>
public sealed class MarketCheck(FrozenModel model)
{
    /// <summary>What rounding on another device may move an accuracy by.</summary>
    public const double Tolerance = 0.02;

    /// <param name="lora">One of the market's.</param>
    /// <param name="market">The market.</param>
    /// <param name="imagesOf">The images of a data set with a split, or null where they are not at hand.</param>
    /// <param name="cancellation">Checked before every batch.</param>
    public CheckedLora Check(
        LoraRecord lora, Market market, Func<string, HeldOutSplit, TaskImages?> imagesOf, CancellationToken cancellation = default)
    {
        try
        {
            if (lora.Model != model.Id)
                return CheckedLora.Bad(lora, $"it was tuned on {lora.Model}, but this model is {model.Id}");
            using var adapter = market.Load(lora, model.Transformer.AdaptableLayers, model.Device);
            adapter.RequireHead(model.Transformer.Config.EmbeddingLength);
            if (adapter.Revision != lora.Revision)
                return CheckedLora.Bad(lora, "its files differ from the listed ones");
            using var images = imagesOf(lora.DataSet, lora.HeldOut)?.Test(lora.Classes, model.Device, cancellation);
            if (images is null)
                return new CheckedLora(lora.Name, lora.HeldOutAccuracy, Accuracy: null, Fault: null);
            var accuracy = TaskAccuracy.Measure(model.Transformer, adapter, images, cancellation);
            var fault = lora.HeldOutAccuracy is { } listed && Math.Abs(listed - accuracy) > Tolerance
                ? FormattableString.Invariant($"it was listed with {listed:P1}") : null;
            return new CheckedLora(lora.Name, lora.HeldOutAccuracy, accuracy, fault);
        }
        catch (Exception wrong) when (wrong is AdapterException or MarketException or IOException)
        {
            return CheckedLora.Bad(lora, wrong.Message);
        }
    }
}
