using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Platform.Http.Bodies;

/// <summary>What JSON bodies have in common, however they are read.</summary>
internal static class JsonText
{
    /// <summary>Passes over the byte order mark that some clients begin with, and RFC 8259 lets a reader ignore.</summary>
    public static async Task SkipByteOrderMarkAsync(PipeReader body, CancellationToken cancellation)
    {
        var mark = Encoding.UTF8.Preamble.ToArray();
        var start = (await body.ReadAtLeastAsync(mark.Length, cancellation)).Buffer;
        var reader = new System.Buffers.SequenceReader<byte>(start);
        reader.IsNext(mark, advancePast: true);
        // What follows is not examined yet, so the next read has it at once.
        body.AdvanceTo(reader.Position, reader.Position);
    }

    /// <summary>Whether a string of the body turned out to be no text, which only shows when it is looked at.</summary>
    public static bool IsNoText(Exception exception) =>
        exception is InvalidOperationException
        && exception.Source?.StartsWith(typeof(JsonElement).Assembly.GetName().Name!, StringComparison.Ordinal) == true;

    /// <param name="field">Where the string is; null where that is not known.</param>
    public static ProblemException NoText(string? field = null) =>
        new(
            Problems.MalformedJson,
            "Expected strings of whole characters; found half of a surrogate pair (such as \\ud83d without \\ude00 after it), or bytes "
                + "that are not UTF-8. Send the character itself in UTF-8, or both of its halves.",
            field
        );
}
