namespace LoraRecycle.Core.Imaging;

/// <summary>Why a picture was refused.</summary>
public enum ImageFault
{
    /// <summary>The bytes are no picture, or one of a format that is not accepted.</summary>
    UnsupportedFormat,

    /// <summary>The header asks for more pixels, or for more memory to decode them, than is allowed.</summary>
    TooLarge,

    /// <summary>
    /// The format is accepted but the bytes end early or contradict themselves. What every viewer forgives is forgiven
    /// here too: stray bytes between a JPEG's segments, for one.
    /// </summary>
    Damaged,

    /// <summary>Decoding it takes longer than is allowed: it costs more than its bytes and pixels say.</summary>
    TooCostly,

    /// <summary>There are no bytes.</summary>
    Empty,
}
