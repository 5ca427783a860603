using System.IO.Pipelines;
using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>Reads an episode, or a part of one, from an <c>application/json</c> body.</summary>
internal static class JsonEpisodeReader
{
    public static async Task<EpisodeBuilder> ReadAsync(
        PipeReader body,
        RequestMembers members,
        LimitsOptions limits,
        CancellationToken cancellation
    )
    {
        var episode = new EpisodeBuilder(limits, RequestMemberNames.Queries);
        var parser = new JsonEpisodeParser(episode, members);
        // Generous to line breaks and escapes in the text; the bytes themselves are counted when they are decoded.
        var maxToken = (limits.ImageBytes * 3 / 2) + EncodedImageText.MaxPrefix + 4096;
        var wanted = 1;
        try
        {
            await JsonText.SkipByteOrderMarkAsync(body, cancellation);
            while (true)
            {
                var result = await body.ReadAtLeastAsync(wanted, cancellation);
                // Also when the parser throws, or the server could not skip the rest of the body and keep the connection.
                var consumed = result.Buffer.End;
                long left;
                try
                {
                    consumed = parser.Parse(result.Buffer, result.IsCompleted);
                    left = result.Buffer.Slice(consumed).Length;
                }
                finally
                {
                    body.AdvanceTo(consumed, result.Buffer.End);
                }
                if (result.IsCompleted)
                    return episode;
                if (left > maxToken && parser.IsInImage)
                    throw EpisodeBuilder.ImageFileTooLarge(limits, parser.Field);
                // An unfinished string is looked at again only when it has doubled, so its length is paid for about twice.
                wanted = checked((int)left * 2) + 1;
            }
        }
        catch (JsonException exception)
        {
            throw new ProblemException(
                Problems.MalformedJson,
                $"Expected JSON in UTF-8; the syntax breaks at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.",
                parser.Field.Length == 0 ? null : parser.Field
            );
        }
        catch (Exception exception) when (JsonText.IsNoText(exception))
        {
            throw JsonText.NoText(parser.Field.Length == 0 ? null : parser.Field);
        }
    }
}
