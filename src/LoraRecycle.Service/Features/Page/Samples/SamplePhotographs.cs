using LoraRecycle.Service.Serving.Configuration;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Page.Samples;

/// <summary>The photographs to try, listed once. A request names one by class and file, and only what was listed is ever opened.</summary>
internal sealed class SamplePhotographs
{
    private readonly Dictionary<(string Label, string Name), string> _paths = [];

    public SamplePhotographs(IOptions<PageOptions> options)
    {
        var classes = ModelsOptions.Find(options.Value.Samples) is { } root ? Directory.GetDirectories(root) : [];
        foreach (var folder in classes)
            foreach (var path in Directory.GetFiles(folder, "*.jpg"))
                _paths.Add((Path.GetFileName(folder), Path.GetFileName(path)), path);
        Classes =
        [
            .. _paths.Keys.GroupBy(key => key.Label, StringComparer.Ordinal).OrderBy(one => one.Key, StringComparer.Ordinal)
                .Select(one => new SampleClass(one.Key, [.. one.Select(key => key.Name).Order(StringComparer.Ordinal)])),
        ];
    }

    /// <summary>What there is, by class.</summary>
    public IReadOnlyList<SampleClass> Classes { get; }

    /// <summary>Where one is; null for what was not listed.</summary>
    public string? Find(string label, string name) => _paths.GetValueOrDefault((label, name));
}
