using System.Text;

namespace LoraRecycle.Service.Tests.Endpoints;

/// <summary>A form to the byte, for what clients write that no library here would.</summary>
internal static class RawForm
{
    private const string Boundary = "------=_Part_7:1.2";

    /// <param name="parts">What follows <c>form-data; </c> in the header of each part, and its content.</param>
    /// <param name="encoding">Of the headers; UTF-8 unless it is given.</param>
    /// <param name="contentType">Of the form; the boundary is without quotes unless it is given.</param>
    public static ByteArrayContent Of(
        IEnumerable<(string Disposition, byte[] Content)> parts,
        Encoding? encoding = null,
        string contentType = $"multipart/form-data; boundary={Boundary}"
    )
    {
        var body = new MemoryStream();
        foreach (var (disposition, content) in parts)
        {
            body.Write((encoding ?? Encoding.UTF8).GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n"));
            body.Write(content);
            body.Write("\r\n"u8);
        }
        body.Write(Encoding.ASCII.GetBytes($"--{Boundary}--\r\n"));
        var form = new ByteArrayContent(body.ToArray());
        Assert.True(form.Headers.TryAddWithoutValidation("Content-Type", contentType));
        return form;
    }
}
