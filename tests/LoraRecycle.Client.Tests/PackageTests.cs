using System.IO.Compression;
using System.Xml.Linq;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>The package of the client, as <c>dotnet pack</c> makes it.</summary>
[Collection(nameof(DotnetCommand))]
public sealed class PackageTests
{
    [Fact]
    public async Task The_package_depends_on_no_other_and_has_its_readme_and_documentation()
    {
        using var folder = new TemporaryDirectory();
        await DotnetCommand.RunAsync(
            "pack", Repository.PathOf("src", "LoraRecycle.Client"), "-c", DotnetCommand.Configuration, "--no-build", "-o", folder.Path
        );

        await using var package = await ZipFile.OpenReadAsync(
            Directory.GetFiles(folder.Path, "*.nupkg").Single(), TestContext.Current.CancellationToken
        );
        var names = package.Entries.Select(entry => entry.FullName).ToList();
        string[] expected = ["README.md", "lib/net10.0/LoraRecycle.Client.dll", "lib/net10.0/LoraRecycle.Client.xml"];
        Assert.Superset(expected.ToHashSet(), names.ToHashSet());
        await using var description = await package.GetEntry("LoraRecycle.Client.nuspec")!.OpenAsync(TestContext.Current.CancellationToken);
        var nuspec = await XDocument.LoadAsync(description, LoadOptions.None, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(nuspec.Descendants(), one => one.Name.LocalName is "dependency" or "frameworkReference");
        Assert.Equal("README.md", nuspec.Descendants().Single(one => one.Name.LocalName == "readme").Value);
    }
}
