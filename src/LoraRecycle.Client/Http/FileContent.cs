using System.Net;
using System.Net.Http.Headers;

namespace LoraRecycle.Client.Http;

/// <summary>A file that is opened when it is sent, so that a request of a thousand files has one of them open at a time.</summary>
/// <param name="open">Opens it at its start.</param>
/// <param name="closes">Whether what was opened is closed afterwards.</param>
/// <param name="length">Bytes; null when not known.</param>
internal sealed class FileContent(Func<Stream> open, bool closes, long? length) : HttpContent
{
    private static readonly MediaTypeHeaderValue Octets = new("application/octet-stream");

    /// <summary>A part of a form.</summary>
    /// <param name="name">The field.</param>
    public FileContent Named(string name)
    {
        Headers.ContentType = Octets;
        Headers.ContentDisposition = FormName.Of(name);
        return this;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var file = open();
        try
        {
            await file.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (closes)
                await file.DisposeAsync().ConfigureAwait(false);
        }
    }

    protected override bool TryComputeLength(out long bytes)
    {
        bytes = length ?? 0;
        return length is not null;
    }
}
