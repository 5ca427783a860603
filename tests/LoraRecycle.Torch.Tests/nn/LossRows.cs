using LoraRecycle.Torch.Tests.Numerics;
using LoraRecycle.Torch.Tests.Tensors;
using static LoraRecycle.Torch.Tests.Numerics.NdArray;
using static LoraRecycle.Torch.Tests.TestDevice;
using static TorchSharp.torch.nn;

namespace LoraRecycle.Torch.Tests.nn;

internal static class LossRows
{
    private static readonly NdArray Logits = Random([4, 3]);
    private static readonly NdArray LogTarget = ActivationRows.Softmax(Random([4, 3], seed: 2)).Map(Math.Log);
    private static readonly long[] Labels = [2, 0, 1, 2];

    public static OperatorTable Table { get; } = new()
    {
        {
            "CrossEntropyLoss", Logits, x => functional.cross_entropy(x, Integers(Labels)),
            x => Number(Losses(x).Average())
        },
        {
            "CrossEntropyLoss", Logits, x => functional.cross_entropy(x, Integers(Labels), reduction: Reduction.None),
            x => Of(Losses(x))
        },
        {
            "CrossEntropyLoss", Logits, x => functional.cross_entropy(x, Integers(Labels), ignore_index: 2, reduction: Reduction.Sum),
            x => Number(Losses(x)[1] + Losses(x)[2])
        },
        {
            "CrossEntropyLoss", Logits, x => functional.cross_entropy(x, Integers(Labels), label_smoothing: 0.1),
            x => Number((0.9 * Losses(x).Average()) - (0.1 * LogProbabilities(x).Values.Average()))
        },
        {
            "CrossEntropyLoss", Logits, x => functional.cross_entropy(x, Integers(Labels), weight: Of(1, 2, 5).ToTensor()),
            x => Number(((5 * Losses(x)[0]) + Losses(x)[1] + (2 * Losses(x)[2]) + (5 * Losses(x)[3])) / 13)
        },
        {
            "KlDiv", Logits, LogTarget, (x, y) => functional.kl_div(x, y, reduction: Reduction.Sum),
            (x, y) => x.Zip(y, (input, target) => Math.Exp(target) * (target - input)).Reduce([], all => all.Sum())
        },
        {
            "KlDiv", Logits, LogTarget.Map(Math.Exp), (x, y) => functional.kl_div(x, y, log_target: false),
            (x, y) => x.Zip(y, (input, target) => target * (Math.Log(target) - input)).Reduce([], all => all.Average())
        },
        { "MseLoss", Logits, LogTarget, (x, y) => functional.mse_loss(x, y), (x, y) => x.Zip(y, Squared).Reduce([], all => all.Average()) },
        { "MseLoss", Logits, LogTarget, (x, y) => functional.mse_loss(x, y, Reduction.None), Squared },
    };

    private static double Squared(double x, double y) => (x - y) * (x - y);

    private static NdArray LogProbabilities(NdArray logits) => ActivationRows.Softmax(logits).Map(Math.Log);

    private static double[] Losses(NdArray logits)
    {
        var log = LogProbabilities(logits);
        return [.. Labels.Select((label, i) => -log[i, label])];
    }
}
