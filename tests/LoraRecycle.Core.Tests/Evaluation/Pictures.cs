namespace LoraRecycle.Core.Tests.Evaluation;

/// <summary>Files that are known as pictures, and hold none.</summary>
internal static class Pictures
{
    public static byte[] Jpeg { get; } = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8];
}
