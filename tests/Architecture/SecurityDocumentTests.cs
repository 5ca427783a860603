using System.Text.RegularExpressions;
using LoraRecycle.Tests;

namespace LoraRecycle.Architecture;

/// <summary>The threat model names the test that holds each of its lines.</summary>
public partial class SecurityDocumentTests
{
    [Fact]
    public void Every_test_that_the_threat_model_names_is_there()
    {
        var tests = Directory.EnumerateFiles(Repository.PathOf("tests"), "*Tests.cs", SearchOption.AllDirectories)
            .ToLookup(Path.GetFileNameWithoutExtension, File.ReadAllText);
        var named = TestName().Matches(File.ReadAllText(Repository.PathOf("docs", "security.md")));

        Assert.True(named.Count > 20, $"Only {named.Count} tests are named.");
        Assert.Empty(
            from test in named
            where !tests[test.Groups[1].Value].Any(text => text.Contains($" {test.Groups[2].Value}(", StringComparison.Ordinal))
            select test.Value);
    }

    [GeneratedRegex(@"`(\w+Tests)\.(\w+)`")]
    private static partial Regex TestName();
}
