using LoraRecycle.Tests;
using YamlDotNet.RepresentationModel;

namespace LoraRecycle.EndToEnd.Deploy;

/// <summary>YAML of the checkout, read by a real parser.</summary>
internal static class YamlFile
{
    /// <summary>The documents of one file.</summary>
    public static IReadOnlyList<YamlNode> Read(params string[] path)
    {
        using var reader = File.OpenText(Repository.PathOf(path));
        var stream = new YamlStream();
        stream.Load(reader);
        Assert.NotEmpty(stream.Documents);
        return [.. stream.Documents.Select(document => document.RootNode)];
    }

    /// <summary>What is at a path such as <c>spec/template</c>; null where there is nothing.</summary>
    public static YamlNode? At(this YamlNode node, string path)
    {
        YamlNode? at = node;
        foreach (var key in path.Split('/'))
            at = at is YamlMappingNode mapping && mapping.Children.TryGetValue(key, out var child) ? child : null;
        return at;
    }

    /// <summary>The text at a path; null where there is none.</summary>
    public static string? Text(this YamlNode node, string path) => (node.At(path) as YamlScalarNode)?.Value;

    /// <summary>The items of the list at a path; none where there is no list.</summary>
    public static IReadOnlyList<YamlNode> Items(this YamlNode node, string path) => node.At(path) is YamlSequenceNode list ? [.. list] : [];

    /// <summary>The texts of the list at a path.</summary>
    public static IReadOnlyList<string> Texts(this YamlNode node, string path) =>
        [.. node.Items(path).Select(item => ((YamlScalarNode)item).Value!)];

    /// <summary>The members of the mapping at a path, its values as text where they are.</summary>
    public static IReadOnlyDictionary<string, YamlNode> Members(this YamlNode node, string path) => node.At(path) is YamlMappingNode mapping
        ? mapping.ToDictionary(pair => ((YamlScalarNode)pair.Key).Value!, pair => pair.Value)
        : [];

    /// <summary>The members of the mapping at a path, all of them texts.</summary>
    public static IReadOnlyDictionary<string, string> Pairs(this YamlNode node, string path) =>
        node.Members(path).ToDictionary(pair => pair.Key, pair => ((YamlScalarNode)pair.Value).Value!);
}
