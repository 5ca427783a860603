namespace LoraRecycle.Core.Adapters;

/// <summary>One linear layer of a foundation model that an adapter may change.</summary>
/// <param name="Name">
/// Its name in this project, the same for every model family: <c>layers.0.q</c>, <c>.k</c>, <c>.v</c>, <c>.out</c>, <c>.gate</c>,
/// <c>.fc1</c> or <c>.fc2</c>; after the layers, <c>pooling.out</c>, <c>pooling.fc1</c>, <c>pooling.fc2</c> and <c>projection</c>.
/// </param>
/// <param name="SourceName">Its path in the Hugging Face model, such as <c>vision_model.encoder.layers.0.self_attn.q_proj</c>: what
/// adapter files call it.</param>
/// <param name="InFeatures">The length of its input.</param>
/// <param name="OutFeatures">The length of its output; its weight is <c>[OutFeatures, InFeatures]</c>.</param>
public sealed record AdaptableLayer(string Name, string SourceName, long InFeatures, long OutFeatures)
{
    /// <summary>What it is in its block: <c>q</c>, <c>fc1</c>; null for a layer after the blocks.</summary>
    public string? Part => Name.Split('.') is ["layers", _, var part] ? part : null;
}
