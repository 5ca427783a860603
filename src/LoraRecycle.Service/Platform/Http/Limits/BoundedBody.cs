using LoraRecycle.Service.Platform.Http.Bodies;

namespace LoraRecycle.Service.Platform.Http.Limits;

/// <summary>A body, decompressed, that has to be in by a deadline, however steadily it trickles, and whose bytes somebody counts.</summary>
/// <param name="inner">The body; it stays its owner's.</param>
/// <param name="count">Is told how many bytes came, and may refuse them.</param>
/// <param name="deadline">Ends it.</param>
internal sealed class BoundedBody(Stream inner, Action<int>? count, CancellationToken deadline) : BodyStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline);
        try
        {
            var read = await inner.ReadAsync(buffer, either.Token);
            if (read > 0)
                count?.Invoke(read);
            return read;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new BadHttpRequestException("The body was not in by its deadline.", StatusCodes.Status408RequestTimeout);
        }
        catch (Exception exception) when (CompressedBody.IsDamage(exception))
        {
            throw CompressedBody.Damaged();
        }
    }
}
