using System.Net.Http.Headers;

namespace LoraRecycle.Client.Http;

/// <summary>The name of a form's part.</summary>
internal static class FormName
{
    /// <summary>In the form of RFC 5987, in which any label can be written: .NET would write a name that is not ASCII as e-mail does,
    /// which the service does not read.</summary>
    public static ContentDispositionHeaderValue Of(string name) =>
        new("form-data") { Parameters = { new NameValueHeaderValue("name*", $"UTF-8''{Uri.EscapeDataString(name)}") } };
}
