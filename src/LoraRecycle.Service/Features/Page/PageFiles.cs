using System.Security.Cryptography;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Features.Page;

/// <summary>The files of the page. They are inside of the assembly, so they are there wherever the service is.</summary>
internal static class PageFiles
{
    /// <summary>All of them, by their path inside of the folder: <c>js/app/main.js</c>.</summary>
    public static IReadOnlyList<PageFile> All { get; } = Of("wwwroot/");

    /// <summary>Those of a folder, by their path inside of it.</summary>
    public static IReadOnlyList<PageFile> Of(string prefix) =>
        [
            .. typeof(PageFiles)
                .Assembly.GetManifestResourceNames()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => Read(name, prefix)),
        ];

    /// <summary>A file that was made.</summary>
    public static PageFile Of(string path, byte[] content, string extension) =>
        new(
            path,
            content,
            ContentTypeOf(extension),
            new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..16]}\"")
        );

    private static PageFile Read(string name, string prefix)
    {
        using var resource = typeof(PageFiles).Assembly.GetManifestResourceStream(name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return Of(name[prefix.Length..], content, Path.GetExtension(name));
    }

    private static string ContentTypeOf(string extension) =>
        extension switch
        {
            ".html" => "text/html; charset=utf-8",
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            ".png" => "image/png",
            ".jpg" => "image/jpeg",
            ".md" => "text/markdown; charset=utf-8",
            _ => throw new InvalidOperationException(
                $"Expected the page's files to be .html, .css, .js, .svg, .png, .jpg or .md; one is {extension}."
            ),
        };
}

/// <param name="Path">Inside of the folder, with slashes.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="ContentType">Its media type.</param>
/// <param name="Tag">Changes with the content.</param>
internal sealed record PageFile(string Path, byte[] Content, string ContentType, EntityTagHeaderValue Tag);
