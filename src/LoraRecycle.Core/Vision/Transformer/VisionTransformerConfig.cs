namespace LoraRecycle.Core.Vision.Transformer;

/// <summary>The non-linearity between a block's two feed-forward layers.</summary>
public enum Activation
{
    /// <summary>x * Phi(x), exact.</summary>
    Gelu,

    /// <summary>GELU by its tanh approximation.</summary>
    GeluTanh,

    /// <summary>x * sigmoid(1.702 x).</summary>
    QuickGelu,

    /// <summary>x * sigmoid(x).</summary>
    Silu,

    Relu,
}

/// <summary>How one vector is made of the tokens of the last layer.</summary>
public enum Pooling
{
    /// <summary>The class token after the final norm.</summary>
    ClassToken,

    /// <summary>A learnt query attends to all tokens (SigLIP's head).</summary>
    Attention,
}

/// <summary>
/// The shape of a vision transformer (arXiv 2010.11929), and the few places where its families differ.
/// </summary>
public sealed record VisionTransformerConfig
{
    public required string Family { get; init; }
    public required int HiddenSize { get; init; }
    public required int IntermediateSize { get; init; }
    public required int LayerCount { get; init; }
    public required int HeadCount { get; init; }

    /// <summary>Height and width of the input, in pixels.</summary>
    public required int ImageSize { get; init; }

    public required int PatchSize { get; init; }
    public int Channels { get; init; } = 3;
    public required double LayerNormEps { get; init; }
    public required Activation Activation { get; init; }
    public bool HasClassToken { get; init; } = true;
    public bool HasPatchBias { get; init; } = true;
    public bool HasQueryBias { get; init; } = true;
    public bool HasKeyBias { get; init; } = true;
    public bool HasValueBias { get; init; } = true;
    public bool HasOutBias { get; init; } = true;
    public bool HasFeedForwardBias { get; init; } = true;

    /// <summary>A gate beside the first feed-forward layer: fc2(activation(gate(x)) * fc1(x)).</summary>
    public bool IsGated { get; init; }

    /// <summary>DeiT has a second learnt token after the class token, which its own classifier alone uses.</summary>
    public bool HasDistillationToken { get; init; }

    /// <summary>Learnt tokens without a position between the class token and the patches (arXiv 2309.16588).</summary>
    public int RegisterCount { get; init; }

    /// <summary>A learnt vector for each position; without it, positions are rotations.</summary>
    public bool HasPositionTable { get; init; } = true;

    /// <summary>The base of the rotations that tell queries and keys of patches where they are; null where there are none.</summary>
    public double? RotaryBase { get; init; }

    /// <summary>Whether transformers resamples the position table with an antialiasing filter for another resolution.</summary>
    public bool ResamplesAntialiased { get; init; }

    /// <summary>CLIP normalises the embeddings before the first layer.</summary>
    public bool HasPreNorm { get; init; }

    /// <summary>CLIP normalises only the pooled token; the others every token of the last layer.</summary>
    public bool NormalisesAllTokens { get; init; } = true;

    /// <summary>DINOv2 scales each branch by a learnt vector.</summary>
    public bool HasLayerScale { get; init; }

    public Pooling Pooling { get; init; } = Pooling.ClassToken;

    /// <summary>Width of CLIP's projected image embedding; null where there is no projection.</summary>
    public int? ProjectionSize { get; init; }

    public int PatchCount => ImageSize / PatchSize * (ImageSize / PatchSize);

    /// <summary>Leading tokens that the position table has a vector for.</summary>
    public int PlacedTokens => (HasClassToken ? 1 : 0) + (HasDistillationToken ? 1 : 0);

    /// <summary>Tokens in front of the patches.</summary>
    public int LeadingTokens => PlacedTokens + RegisterCount;

    public int TokenCount => PatchCount + LeadingTokens;

    public int HeadSize => HiddenSize / HeadCount;

    /// <summary>Length of the vector that stands for an image.</summary>
    public int EmbeddingLength => ProjectionSize ?? HiddenSize;

    /// <summary>Refuses shapes that no model can have, before memory is taken for them.</summary>
    /// <exception cref="ModelException">A size is not positive, too large, or does not divide as it must.</exception>
    public VisionTransformerConfig Validated()
    {
        Require(HiddenSize is > 0 and <= 16384, $"a hidden size of 1 to 16384, got {HiddenSize}");
        Require(IntermediateSize is > 0 and <= 65536, $"an intermediate size of 1 to 65536, got {IntermediateSize}");
        Require(LayerCount is > 0 and <= 256, $"1 to 256 layers, got {LayerCount}");
        Require(HeadCount > 0 && HiddenSize % HeadCount == 0, $"heads that divide the hidden size {HiddenSize}, got {HeadCount}");
        Require(ImageSize is > 0 and <= 4096, $"an image size of 1 to 4096 pixels, got {ImageSize}");
        Require(PatchSize > 0 && PatchSize <= ImageSize, $"a patch size of 1 to {ImageSize} pixels, got {PatchSize}");
        Require(Channels == 3, $"3 channels, got {Channels}");
        Require(ProjectionSize is null or (> 0 and <= 16384), $"a projection size of 1 to 16384, got {ProjectionSize}");
        Require(RegisterCount is >= 0 and <= 1024, $"0 to 1024 registers, got {RegisterCount}");
        Require(RotaryBase is null or (> 0 and < double.PositiveInfinity), $"a positive base of rotations, got {RotaryBase}");
        Require(RotaryBase is null || HeadSize % 4 == 0, $"heads whose width divides by 4, as rotations need, got {HeadSize}");
        Require(LayerNormEps is > 0 and < 1, $"a layer norm epsilon between 0 and 1, got {LayerNormEps}");
        return this;
    }

    private void Require(bool holds, string expectation)
    {
        if (!holds) throw new ModelException($"The {Family} configuration is not usable: expected {expectation}. Check config.json.");
    }
}
