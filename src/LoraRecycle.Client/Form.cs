using System.Globalization;
using LoraRecycle.Client.Http;

namespace LoraRecycle.Client;

/// <summary>A <c>multipart/form-data</c> body that can be written more than once.</summary>
internal sealed class Form
{
    private readonly List<(string Name, string? Text, FileSource? File)> _parts = [];

    /// <summary>Whether every part can be sent again.</summary>
    public bool CanRepeat => _parts.TrueForAll(part => part.File is null or { CanRepeat: true });

    /// <summary>Adds a field, unless it is null.</summary>
    public Form Add(string name, string? value)
    {
        if (value is not null)
            _parts.Add((name, value, null));
        return this;
    }

    public Form Add(string name, double? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public Form Add(string name, FileSource file)
    {
        _parts.Add((name, null, file));
        return this;
    }

    public Form Add(string name, IEnumerable<FileSource> files)
    {
        ArgumentNullException.ThrowIfNull(files, name);
        _parts.AddRange(files.Select(file => (name, (string?)null, (FileSource?)file)));
        return this;
    }

    public Form Add(SupportSet support)
    {
        foreach (var (label, images) in support)
            Add($"support[{label}]", images);
        return this;
    }

    public MultipartContent ToContent()
    {
        var content = new MultipartContent("form-data");
        foreach (var (name, text, file) in _parts)
            content.Add(file is not null ? file.ToContent().Named(name) : Field(name, text!));
        return content;
    }

    private static StringContent Field(string name, string text)
    {
        var content = new StringContent(text);
        content.Headers.ContentDisposition = FormName.Of(name);
        return content;
    }
}
