namespace LoraRecycle.Client.Tests;

/// <summary>Bytes that come once, as from a pipe.</summary>
internal sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();
}
