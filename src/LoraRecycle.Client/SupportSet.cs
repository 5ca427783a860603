using System.Collections;

namespace LoraRecycle.Client;

/// <summary>A few labelled images of each class: <c>new() { ["cup"] = ["a.jpg"], ["chair"] = ["b.jpg", "c.jpg"] }</c>.</summary>
public sealed class SupportSet : IEnumerable<KeyValuePair<string, IReadOnlyList<FileSource>>>
{
    private readonly OrderedDictionary<string, IReadOnlyList<FileSource>> _classes = new(StringComparer.Ordinal);

    /// <summary>The images of a class.</summary>
    /// <param name="label">The class. Labels are compared character by character.</param>
    public IReadOnlyList<FileSource> this[string label]
    {
        get => _classes[label];
        set => _classes[label] = value;
    }

    /// <summary>Adds images of a class to those that it has.</summary>
    /// <param name="label">The class.</param>
    /// <param name="images">JPEG, PNG, WebP, GIF or BMP.</param>
    public void Add(string label, params IEnumerable<FileSource> images) =>
        _classes[label] = [.. _classes.GetValueOrDefault(label, []), .. images];

    /// <summary>The classes with their images, in the order in which they were added.</summary>
    public IEnumerator<KeyValuePair<string, IReadOnlyList<FileSource>>> GetEnumerator() => _classes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
