using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>What a vision transformer makes of a batch, under Hugging Face's names.</summary>
/// <param name="LastHiddenState">[batch, tokens, hidden].</param>
/// <param name="PoolerOutput">[batch, hidden]; null where the checkpoint has no pooling of its own.</param>
/// <param name="ImageEmbeds">[batch, projection]; null where the family has no projection.</param>
/// <param name="Embedding">The vector that stands for an image: the projection, else the pooled token.</param>
/// <param name="Positions">[batch, kept]: which patches the image tokens stand for, row by row from 0; null where they are all
/// there.</param>
public sealed record VisionOutput(
    Tensor LastHiddenState, Tensor? PoolerOutput, Tensor? ImageEmbeds, Tensor Embedding, Tensor? Positions = null) : IDisposable
{
    public void Dispose()
    {
        LastHiddenState.Dispose();
        PoolerOutput?.Dispose();
        ImageEmbeds?.Dispose();
        Embedding.Dispose();
        Positions?.Dispose();
    }
}
