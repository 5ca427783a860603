using System.Net;
using System.Text;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace LoraRecycle.Service.Features.Page.Manual;

/// <summary>Makes a page of a document. The documents are inside of the assembly, as the page's files are.</summary>
internal static class ManualPages
{
    /// <summary>Where a reader begins.</summary>
    public const string First = "README.md";

    private const string Extension = ".md";

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).Build();

    /// <summary>The documents and their pictures, by their path in the sources.</summary>
    public static IReadOnlyList<PageFile> Files { get; } = PageFiles.Of("manual/");

    /// <summary>A document as a page; a picture as it is.</summary>
    public static PageFile Render(PageFile file)
    {
        if (!IsDocument(file))
            return file;
        var document = Read(file);
        LinkNames(document, file);
        foreach (var code in document.Descendants<CodeBlock>())
            code.GetAttributes().AddProperty("tabindex", "0"); // it scrolls, also for who has no mouse
        return PageFiles.Of(file.Path, Encoding.UTF8.GetBytes(Around(file, TitleOf(document), Html(document))), ".html");
    }

    private static bool IsDocument(PageFile file) => file.Path.EndsWith(Extension, StringComparison.Ordinal);

    private static MarkdownDocument Read(PageFile file) => Markdown.Parse(Encoding.UTF8.GetString(file.Content), Pipeline);

    private static string TitleOf(MarkdownDocument document) =>
        document
            .Descendants<HeadingBlock>()
            .First()
            .Inline!.Descendants<LiteralInline>()
            .Aggregate("", (text, part) => text + part.Content);

    /// <summary>Documents name each other in code, <c>`docs/api.md`</c>; on a page that leads there.</summary>
    private static void LinkNames(MarkdownDocument document, PageFile from)
    {
        foreach (
            var code in document
                .Descendants<CodeInline>()
                .Where(code => code.Parent is not LinkInline && Files.Any(file => IsDocument(file) && file.Path == code.Content))
                .ToArray()
        )
        {
            var link = new LinkInline(Up(from) + code.Content, "");
            code.ReplaceBy(link);
            link.AppendChild(code);
        }
    }

    private static string Html(MarkdownDocument document)
    {
        using var writer = new StringWriter();
        var renderer = new HtmlRenderer(writer);
        Pipeline.Setup(renderer);
        renderer.ObjectRenderers.FindExact<CodeBlockRenderer>()!.OutputAttributesOnPre = true;
        renderer.Render(document);
        return writer
            .ToString()
            .Replace(
                "<table>",
                "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table\"><table>",
                StringComparison.Ordinal
            )
            .Replace("</table>", "</table></div>", StringComparison.Ordinal);
    }

    private static string Around(PageFile file, string title, string body)
    {
        var links = Files
            .Where(IsDocument)
            .OrderBy(other => other.Path == First ? 0 : 1)
            .ThenBy(other => other.Path, StringComparer.Ordinal)
            .Select(other =>
            {
                var current = other.Path == file.Path ? " aria-current=\"page\"" : "";
                return $"""<a href="{Up(file)}{other.Path}"{current}>{WebUtility.HtmlEncode(TitleOf(Read(other)))}</a>""";
            });
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="color-scheme" content="light dark">
              <title>{WebUtility.HtmlEncode(title)} – LoRA Recycle</title>
              <link rel="icon" href="{Up(file)}../page/icon.svg" type="image/svg+xml">
              <link rel="stylesheet" href="{Up(file)}../page/css/base.css">
              <link rel="stylesheet" href="{Up(file)}../page/css/controls.css">
              <link rel="stylesheet" href="{Up(file)}../page/css/manual.css">
            </head>
            <body>
              <a class="skip" href="#main">Skip to the content</a>
              <header class="top"><a class="brand" href="{Up(file)}../#/status"><img src="{Up(
                file
            )}../page/icon.svg" alt="" width="24" height="24"> LoRA Recycle</a></header>
              <div class="manual">
                <nav aria-label="Documents">{string.Concat(links)}</nav>
                <main id="main" tabindex="-1">{body}</main>
              </div>
            </body>
            </html>
            """;
    }

    /// <summary>The way from a file to the folder of all: relative, because a proxy may serve all of it below a path.</summary>
    private static string Up(PageFile file) => string.Concat(Enumerable.Repeat("../", file.Path.Count(c => c == '/')));
}
