using LoraRecycle.Tests;
using YamlDotNet.RepresentationModel;

namespace LoraRecycle.EndToEnd.Deploy;

/// <summary>One object of a cluster, and the file that it is in.</summary>
internal sealed record Manifest(string File, YamlNode Node)
{
    public string Kind => Node.Text("kind")!;

    public string Name => Node.Text("metadata/name")!;

    /// <summary>The only container of a deployment.</summary>
    public YamlNode Container => Assert.Single(Node.Items("spec/template/spec/containers"));
}

/// <summary>The objects that a kustomization names.</summary>
internal static class Manifests
{
    public static IReadOnlyList<Manifest> Of(string folder)
    {
        var path = folder.Split('/');
        var kustomization = Assert.Single(YamlFile.Read([.. path, "kustomization.yaml"]));
        var resources = kustomization.Texts("resources");
        var patches = kustomization.Items("patches").Select(patch => patch.Text("path")!);
        var onDisk = Directory
            .GetFiles(Repository.PathOf(path), "*.yaml")
            .Select(file => Path.GetFileName(file)!)
            .Where(file => file != "kustomization.yaml");
        // What is forgotten in the list is never applied, and nobody is told.
        Assert.Equal(
            onDisk.Order(StringComparer.Ordinal),
            resources.Where(name => name.EndsWith(".yaml", StringComparison.Ordinal)).Concat(patches).Order(StringComparer.Ordinal)
        );
        return
        [
            .. resources
                .Where(name => name.EndsWith(".yaml", StringComparison.Ordinal))
                .SelectMany(name => YamlFile.Read([.. path, name]).Select(node => new Manifest($"{folder}/{name}", node))),
        ];
    }
}
