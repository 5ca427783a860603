using System.Text;
using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Errors;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Endpoints.Episodes;

/// <summary>Reads an episode from a <c>multipart/form-data</c> body: file parts <c>support[label]</c> and <c>query</c>, the field <c>metaLora</c>.</summary>
internal static class MultipartEpisodeReader
{
    private const int MaxMetaLora = 1024;

    public static async Task<Episode> ReadAsync(Stream body, MediaTypeHeaderValue contentType, LimitsOptions limits, CancellationToken cancellation)
    {
        var form = new MultipartEpisode(limits);
        await MultipartForm.ReadAsync(
            body, contentType, (disposition, content) => ReadPartAsync(MultipartForm.NameOf(disposition), content, form, limits, cancellation), cancellation);
        return form.Build();
    }

    private static async Task ReadPartAsync(string name, Stream content, MultipartEpisode form, LimitsOptions limits, CancellationToken cancellation)
    {
        if (name == "metaLora")
            form.MetaLora(Encoding.UTF8.GetString(await PartContent.ReadAsync(content, MaxMetaLora, cancellation)
                ?? throw new ProblemException(Problems.UnknownMetaLora, $"Expected an id of at most {MaxMetaLora} bytes; more came.", "metaLora")));
        else
        {
            var field = form.Expect(name);
            form.Add(name, await PartContent.ReadAsync(content, limits.ImageBytes, cancellation)
                ?? throw EpisodeBuilder.ImageFileTooLarge(limits, field));
        }
    }
}
