using LoraRecycle.EndToEnd;
using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>The client for Python: the examples of its documentation, and its own tests, on real servers.</summary>
public sealed class PythonTests(ServedProcess server, TinyServer tiny)
{
    [Fact]
    public async Task The_examples_of_the_documentation_run()
    {
        var script = Repository.PathOf("clients", "python", "tests", "doctests.py");
        string[] modules = ["client", "problem", "tasks", "loras", "server"];

        await Python.RunAsync(
            [$"{ClientOptions.UrlVariable}={server.Address}"],
            [script, Repository.PathOf("clients", "python", "README.md"), "lora_recycle", .. modules.Select(one => $"lora_recycle.{one}")]
        );
        await Python.RunAsync(
            [$"{ClientOptions.UrlVariable}={tiny.Address}"], [script, "lora_recycle.recycling", "lora_recycle.meta_loras"]
        );
    }

    [Fact]
    public async Task Pip_installs_it_whole_and_it_classifies()
    {
        using var installed = await InstalledPython.InstallAsync();

        var output = await installed.RunAsync(
            $$"""
            import importlib.metadata, importlib.resources, lora_recycle
            client = lora_recycle.Client("{{server.Address}}")
            answer = client.classify({"cup": ["{{Photograph.Cup}}"], "chair": ["{{Photograph.Chair}}"]}, ["{{Photograph.AnotherCup}}"])
            print(answer.predictions[0].label)
            print(lora_recycle.__file__)
            print(importlib.resources.files(lora_recycle).joinpath("py.typed").is_file())
            print(importlib.metadata.requires("lora-recycle"))
            """
        );

        var lines = output.TrimEnd().Split('\n');
        Assert.Equal("cup", lines[0]);
        Assert.StartsWith(installed.Environment, lines[1], StringComparison.Ordinal);
        Assert.Equal(["True", "None"], lines[2..]); // typed, and without dependencies
    }

    [Fact]
    public async Task Its_own_tests_pass()
    {
        await using var limited = await LimitedServer.StartAsync();
        await using var proxy = new CuttingProxy(tiny.Address, cuts: 3, bytes: 1000);

        var output = await Python.RunAsync(
            [
                $"{ClientOptions.UrlVariable}={server.Address}",
                $"TINY_URL={tiny.Address}",
                $"TINY_LORA={tiny.Uploads[4]}",
                $"LIMITED_URL={limited.Address}",
                $"CUTTING_URL={proxy.Address}",
            ],
            ["-m", "unittest", "discover", "-v", "-s", Repository.PathOf("clients", "python", "tests")]
        );

        Assert.EndsWith("OK", output.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(0, proxy.CutsLeft);
    }
}
