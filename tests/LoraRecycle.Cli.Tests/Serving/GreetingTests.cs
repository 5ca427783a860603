using LoraRecycle.Cli.Commands.Serving;

namespace LoraRecycle.Cli.Tests.Serving;

public class GreetingTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    [InlineData("http://0.0.0.0:8080", "http://127.0.0.1:8080")]
    [InlineData("http://[::]:8080", "http://127.0.0.1:8080")]
    public void It_names_an_address_that_can_be_asked(string listening, string shown)
    {
        using var output = new StringWriter();
        Greeting.Write(output, [listening]);
        Assert.Contains($"{shown}/swagger", output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"curl {shown}/classify -F 'support[cup]=@", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_of_its_curl_line_are_there()
    {
        var files = Greeting
            .CurlLine("http://x")
            .Split('@')
            .Skip(1)
            .Select(rest => rest[..rest.IndexOf('\'', StringComparison.Ordinal)])
            .ToArray();
        Assert.Equal(3, files.Length);
        Assert.All(files, file => Assert.True(File.Exists(file), file));
    }
}
