using LoraRecycle.Cli.Hosting;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;
using TorchSharp;

namespace LoraRecycle.Cli.Tests;

public class BadInputTests
{
    private static readonly string Samples = Repository.PathOf("samples");
    private static readonly string Cup = Repository.PathOf("samples", "cup", "image_0046.jpg");
    private static readonly string Text = Repository.PathOf("README.md");

    public static TheoryData<string, string[]> Lines => new()
    {
        { "Unknown verb 'clasify'", ["clasify"] },
        { "Unrecognized argument '--ulr'", ["--ulr", "http://127.0.0.1:1"] },
        { "not an address to listen on", ["serve", "--url", "8080"] },
        { "Cannot parse argument 'many'", ["eval", "--data", Samples, "--ways", "many"] },
        { "'--data' is required", ["eval"] },
        { "No data set at", ["eval", "--data", "absent.zip"] },
        { "not a readable ZIP archive", ["eval", "--data", Text] },
        { "No split file at", ["eval", "--data", Samples, "--split", "absent.json"] },
        { "--part test needs --split", ["eval", "--data", Samples, "--part", "test"] },
        { "at least 9 classes; got 8", ["eval", "--data", Samples, "--ways", "9", "--queries", "2"] },
        { "'0' is not a positive whole number", ["eval", "--data", Samples, "--shots", "1,0"] },
        { "at least 1 episode", ["eval", "--data", Samples, "--queries", "2", "--episodes", "0"] },
        { "at least 2 ways", ["demo", "--ways", "1"] },
        { "--shots takes one number", ["demo", "--shots", "1,5"] },
        { "not an address", ["demo", "--url", "ftp://example.com"] },
        { "No file 'absent.jpg'", ["embed", "absent.jpg"] },
        { "is a folder; name the image files", ["classify", Samples, Samples] },
        { "has no class folders", ["classify", Path.Combine(Samples, "cup"), Cup] },
        { "README.md' cannot be used. Expected a JPEG, PNG, WebP, GIF or BMP", ["embed", Text] },
        { "no folder", ["embed", Cup, "--out", "/absent/folder/x.safetensors"] },
        { "expected auto, cpu, cuda or cuda:N", ["embed", Cup, "--device", "tpu"] },
        { "config.json", ["embed", Cup, "--model", Samples] },
        { "no such file", ["verify", "--expected", "absent.safetensors"] },
        { "expected more than 0", ["bench", "--seconds", "0"] },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Bad_input_gets_one_line_and_exit_code_2(string because, string[] line) =>
        (await CommandRun.Of(line)).AssertRefused(ExitCode.BadInput, because);

    [Theory]
    [InlineData(float.NaN, "'visual_projection.weight' has values that are NaN or infinite")]
    [InlineData(float.PositiveInfinity, "'visual_projection.weight' has values that are NaN or infinite")]
    [InlineData(1, "'visual_projection.weight' has type I8")]
    [InlineData(3e38f, "embeddings with values that are NaN or infinite")]
    public async Task A_model_whose_weights_are_none_is_refused_before_a_picture_is_embedded(float value, string because)
    {
        using var folder = new TemporaryFolder();
        using (var scope = torch.NewDisposeScope())
        {
            var golden = Repository.PathOf("tests", "golden", "clip", "model");
            using var file = SafetensorsFile.Open(Path.Combine(golden, "model.safetensors"));
            var tensors = file.Entries.Keys.ToDictionary(name => name, name => file.Read(name));
            var spoilt = torch.full_like(tensors["visual_projection.weight"], value);
            tensors["visual_projection.weight"] = value == 1 ? spoilt.to(torch.ScalarType.Int8) : spoilt;
            SafetensorsWriter.Write(folder["model.safetensors"], tensors.Select(pair => (pair.Key, pair.Value)));
            File.Copy(Path.Combine(golden, "config.json"), folder["config.json"]);
            File.WriteAllText(folder["preprocessor_config.json"], """{"image_processor_type": "ViTImageProcessor", "size": 32}""");
        }
        (await CommandRun.Of("embed", Cup, "--model", folder.Path)).AssertRefused(ExitCode.BadInput, because);
        var eval = await CommandRun.Of("eval", "--data", Samples, "--queries", "2", "--model", folder.Path);
        eval.AssertRefused(ExitCode.BadInput, because);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_the_environments_fault() =>
        (await CommandRun.Of("demo", "--url", "http://127.0.0.1:9")).AssertRefused(
            ExitCode.Environment,
            "No server answers at http://127.0.0.1:9"
        );

    [Fact]
    public async Task A_device_that_is_not_there_is_the_environments_fault() =>
        (await CommandRun.Of("embed", Cup, "--device", "cuda:99")).AssertRefused(ExitCode.Environment, "CUDA devices on this machine");

    [Fact]
    public async Task Verbose_shows_where_an_error_came_from()
    {
        var run = await CommandRun.Of("embed", "absent.jpg", "--verbose");
        Assert.Equal(ExitCode.BadInput, run.ExitCode);
        Assert.Contains("   at LoraRecycle.Cli.", run.Error, StringComparison.Ordinal);
    }
}
