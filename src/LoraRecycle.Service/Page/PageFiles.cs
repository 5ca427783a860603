using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Page;

/// <summary>The files of the page. They are inside of the assembly, so they are there wherever the service is.</summary>
internal static class PageFiles
{
    private const string Prefix = "wwwroot/";

    /// <summary>All of them, by their path inside of the folder: <c>js/main.js</c>.</summary>
    public static IReadOnlyList<PageFile> All { get; } =
        [.. typeof(PageFiles).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];

    private static PageFile Read(string name)
    {
        using var resource = typeof(PageFiles).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"");
        return new PageFile(name[Prefix.Length..], content, ContentTypeOf(name), tag);
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"Expected the page's files to be .html, .css, .js or .svg; {name} is {other}."),
    };
}

/// <param name="Path">Inside of the folder, with slashes.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Tag">Changes with the content.</param>
internal sealed record PageFile(string Path, byte[] Content, string ContentType, EntityTagHeaderValue Tag);
