using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Vision.ResNet;

/// <summary>
/// The shape of a residual network (arXiv 1512.03385) under torchvision's names, ResNeXt and wide ones included: four
/// stages, each of blocks of two 3 x 3 convolutions or of a 3 x 3 convolution between two of 1 x 1.
/// </summary>
public sealed record ResNetLayout
{
    public const int StageCount = 4;

    private const int StemChannels = 64;
    private const int BottleneckExpansion = 4;
    private const int MostBlocks = 256;

    /// <summary>How many blocks each of the four stages has.</summary>
    public required IReadOnlyList<int> Blocks { get; init; }

    /// <summary>Whether blocks are bottlenecks (from 50 layers up).</summary>
    public required bool IsBottleneck { get; init; }

    /// <summary>In how many groups a bottleneck's 3 x 3 convolution is split; 1 but for ResNeXt.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Channels of the first stage's 3 x 3 convolutions; 64 but for ResNeXt and wide networks.</summary>
    public int Width { get; init; } = StemChannels;

    public static ResNetLayout ResNet18 { get; } = new() { Blocks = [2, 2, 2, 2], IsBottleneck = false };

    public static ResNetLayout ResNet34 { get; } = new() { Blocks = [3, 4, 6, 3], IsBottleneck = false };

    public static ResNetLayout ResNet50 { get; } = new() { Blocks = [3, 4, 6, 3], IsBottleneck = true };

    public static ResNetLayout ResNet101 { get; } = new() { Blocks = [3, 4, 23, 3], IsBottleneck = true };

    /// <summary>Channels of the 3 x 3 convolutions of a stage, counted from 0.</summary>
    public int InnerChannels(int stage) => Width << stage;

    /// <summary>Channels that a stage puts out.</summary>
    public int OutChannels(int stage) => IsBottleneck ? (StemChannels << stage) * BottleneckExpansion : InnerChannels(stage);

    /// <summary>Channels that a block takes in.</summary>
    public int InChannels(int stage, int block) => (stage, block) switch
    {
        (0, 0) => StemChannels,
        (_, 0) => OutChannels(stage - 1),
        _ => OutChannels(stage),
    };

    /// <summary>The layout that a checkpoint's tensors show.</summary>
    /// <exception cref="ModelException">They are not those of a residual network.</exception>
    internal static ResNetLayout Of(SafetensorsCheckpoint checkpoint)
    {
        var entries = checkpoint.Entries;
        int[] blocks =
        [
            .. Enumerable
                .Range(1, StageCount)
                .Select(stage =>
                    Enumerable.Range(0, MostBlocks).TakeWhile(block => entries.ContainsKey($"layer{stage}.{block}.conv1.weight")).Count()
                ),
        ];
        if (
            !entries.ContainsKey("conv1.weight")
            || !entries.ContainsKey("bn1.running_mean")
            || blocks.Contains(0)
            || !entries.TryGetValue("layer1.0.conv2.weight", out var convolution)
            || convolution.Shape is not [> 0 and <= 4096 and var width, > 0 and var inGroup, _, _]
        )
            throw new ModelException(
                $"{checkpoint.Paths[0]} is not a prior: expected a torchvision ResNet (conv1.weight, bn1.running_mean, "
                    + "layer1.0.conv1.weight to layer4...), "
                    + $"found {entries.Count} tensors such as {string.Join(", ", entries.Keys.Order(StringComparer.Ordinal).Take(3))}.");
        return new ResNetLayout
        {
            Blocks = blocks,
            IsBottleneck = entries.ContainsKey("layer1.0.conv3.weight"),
            Groups = (int)Math.Max(1, width / inGroup),
            Width = (int)width,
        };
    }
}
