using System.Globalization;
using LoraRecycle.Client.Contracts;
using LoraRecycle.Client.Http;

namespace LoraRecycle.Client;

/// <summary>The market: pre-tuned LoRAs to be recycled.</summary>
public sealed class LorasClient
{
    // What a PEFT directory has beside these, such as README.md, is not the LoRA.
    private static readonly string[] Parts =
        ["adapter_model.safetensors", "adapter_config.json", "head.safetensors", "classes.json", "lora.safetensors"];

    private readonly Connection _connection;

    internal LorasClient(Connection connection) => _connection = connection;

    /// <summary>Adds a LoRA to the market, read from disk while it is sent.</summary>
    /// <param name="path">A PEFT directory, a zip archive of one, or the single file that the paper's code writes.</param>
    /// <param name="name">A name to show.</param>
    /// <param name="cancellationToken">Gives the upload up.</param>
    /// <returns>The LoRA, also if the market had it already.</returns>
    public Task<LoraResponse> UploadAsync(string path, string? name = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            var part = Path.GetExtension(path).Equals(".zip", StringComparison.OrdinalIgnoreCase) ? "lora.zip" : "lora.safetensors";
            return UploadAsync(new Dictionary<string, FileSource> { [part] = path }, name, cancellationToken);
        }
        var files = Parts
            .Where(part => File.Exists(Path.Combine(path, part)))
            .ToDictionary(part => part, part => FileSource.FromPath(Path.Combine(path, part)));
        return files.Count > 0
            ? UploadAsync(files, name, cancellationToken)
            : throw new FileNotFoundException(
                $"Expected a PEFT directory, with {string.Join(" and ", Parts[..2])}; found none in '{path}'."
            );
    }

    /// <summary>Adds a LoRA to the market from its files.</summary>
    /// <param name="files">By their names: <c>adapter_model.safetensors</c> and <c>adapter_config.json</c>, perhaps
    /// <c>head.safetensors</c> and <c>classes.json</c>; or <c>lora.safetensors</c>; or <c>lora.zip</c>.</param>
    /// <param name="name">A name to show.</param>
    /// <param name="cancellationToken">Gives the upload up.</param>
    /// <returns>The LoRA, also if the market had it already.</returns>
    public Task<LoraResponse> UploadAsync(
        IReadOnlyDictionary<string, FileSource> files,
        string? name = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(files);
        var form = new Form().Add("name", name);
        foreach (var (part, file) in files)
            form.Add(part, file);
        return _connection.SendAsync(
            new Call(HttpMethod.Post, "loras") { Form = form, IsLarge = true },
            ClientJson.Default.LoraResponse,
            cancellationToken
        );
    }

    /// <summary>Lists the LoRAs, the shipped ones first, then in the order in which they were added, without their classes' names.
    /// </summary>
    /// <param name="filter">Only those that meet every condition; null for all.</param>
    /// <param name="limit">How many to get with one request, 1 to 1000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public IAsyncEnumerable<LoraResponse> ListAsync(
        LoraFilter? filter = null,
        int limit = 100,
        CancellationToken cancellationToken = default
    ) =>
        _connection.PagesAsync(
            after =>
            {
                var query = QueryText.Of(
                    ("limit", $"{limit}"),
                    ("after", after),
                    ("name", filter?.Name),
                    ("family", filter?.Family),
                    ("rank", filter?.Rank?.ToString(CultureInfo.InvariantCulture)),
                    ("origin", filter?.Origin)
                );
                return $"loras{query}";
            },
            ClientJson.Default.LorasResponse,
            page => page.Loras,
            page => page.Next,
            cancellationToken
        );

    /// <summary>Gets a LoRA and its effect on each layer of the model; the first time that takes seconds.</summary>
    /// <param name="id">The LoRA's id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task<LoraInspection> GetAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.GetAsync(Call.PathOf("loras", id), ClientJson.Default.LoraInspection, cancellationToken);

    /// <summary>Draws a LoRA's effect on each layer of the model.</summary>
    /// <param name="id">The LoRA's id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns>SVG.</returns>
    public Task<string> DrawAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.TextAsync(Call.PathOf("loras", id, "spectrum.svg"), cancellationToken);

    /// <summary>Removes an uploaded LoRA that no job uses.</summary>
    /// <param name="id">The LoRA's id.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    public Task DeleteAsync(string id, CancellationToken cancellationToken = default) =>
        _connection.DoAsync(new Call(HttpMethod.Delete, Call.PathOf("loras", id)), cancellationToken);
}
