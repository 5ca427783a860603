using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace LoraRecycle.Service.Tests;

/// <summary>Requests that the tests send, in both forms.</summary>
internal static class EpisodeRequests
{
    public static object Class(string label, params string[] images) => new { label, images };

    /// <summary>A valid episode: cups, chairs, and a query of each.</summary>
    public static object CupsAndChairs() =>
        new
        {
            support = new[]
            {
                Class("cup", Photographs.Base64("cup", 0), Photographs.Base64("cup", 1)),
                Class("chair", Photographs.Base64("chair", 0)),
            },
            queries = new[] { Photographs.Base64("cup", 2), Photographs.Base64("chair", 3) },
        };

    /// <summary>The episode of cups and chairs as JSON, compressed as a <c>Content-Encoding</c> says.</summary>
    public static byte[] Compressed(string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
            "br" => new BrotliStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
            _ => new ZLibStream(compressed, CompressionLevel.Fastest, leaveOpen: true),
        })
            JsonSerializer.Serialize(stream, CupsAndChairs());
        return compressed.ToArray();
    }

    /// <summary>A valid episode but for what is put in its place: class 0's label.</summary>
    public static object WithLabel(string label) => new
    {
        support = new[] { Class(label, Photographs.Base64("cup", 0)), Class("chair", Photographs.Base64("chair", 0)) },
        queries = new[] { Photographs.Base64("cup", 2) },
    };

    /// <summary>A valid episode but for what is put in its place: class 1's only image.</summary>
    public static object WithImage(string image) => new
    {
        support = new[] { Class("cup", Photographs.Base64("cup", 0)), Class("chair", image) },
        queries = new[] { Photographs.Base64("cup", 2) },
    };

    public static object WithImage(byte[] image) => WithImage(Convert.ToBase64String(image));

    public static MultipartFormDataContent Form(IEnumerable<(string Name, byte[] Content)> files, string? metaLora = null)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, content) in files)
        {
            var part = new ByteArrayContent(content);
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            form.Add(part, $"\"{name}\"", "photograph.jpg");
        }
        if (metaLora is not null)
            form.Add(new StringContent(metaLora), "metaLora");
        return form;
    }

    public static async Task<JsonElement> ClassifyAsync(this HttpClient client, object episode)
    {
        using var response = await client.PostAsJsonAsync("/classify", episode, TestContext.Current.CancellationToken);
        return await response.AnswerAsync();
    }

    public static async Task<JsonElement> AnswerAsync(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The labels that won, in the order of the queries.</summary>
    public static string[] Labels(this JsonElement answer) =>
        [.. answer.GetProperty("predictions").EnumerateArray().Select(prediction => prediction.GetProperty("label").GetString()!)];

    /// <summary>What must be the same whenever the episode is.</summary>
    public static string Predictions(this JsonElement answer) => answer.GetProperty("predictions").GetRawText();
}
