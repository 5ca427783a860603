using System.Text.Json.Nodes;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Tests.Commands;

public sealed class TuneTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_tuned_lora_can_be_served_with()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 3, images: 5);

        var run = (await Tune(data, "barrel,airplanes", "--json")).AssertDone();

        var lora = JsonNode.Parse(run.Output)!;
        Assert.Equal(["barrel", "airplanes"], lora["classes"]!.AsArray().Select(name => (string)name!));
        Assert.Equal((8, 2, 2), ((int)lora["trainImages"]!, (int)lora["heldOutImages"]!, (int)lora["settings"]!["rank"]!));
        Assert.Equal(run.Output.Trim(), File.ReadAllText(Path.Combine(_folder["lora"], "run.json")).Trim());
        var served = (await CommandRun.OfTiny("embed", Sample(), "--adapter", _folder["lora"], "--json")).AssertDone();
        Assert.NotEqual(served.Output, (await CommandRun.OfTiny("embed", Sample(), "--json")).AssertDone().Output);
    }

    [Theory]
    [InlineData("barrel,teapot", "lacks 1 of the 2 requested classes: teapot")]
    [InlineData("barrel", "at least 2 classes")]
    [InlineData("barrel,airplanes", "at least 1 step", "--steps", "0")]
    [InlineData("barrel,airplanes", "got 'attention'", "--targets", "attention")]
    [InlineData("barrel,airplanes", "expected float16 or float32", "--dtype", "int8")]
    [InlineData("barrel,airplanes", "held-out fraction", "--held-out", "1")]
    [InlineData("barrel,airplanes", "a method among lora, lora-ga,", "--method", "lora-best")]
    [InlineData("barrel,airplanes", "a start of form Core among Uniform, FirstStep", "--form", "core", "--start", "gradient")]
    [InlineData("barrel,airplanes", "form Lora for noise", "--form", "core", "--noise", "0.1,0")]
    [InlineData("barrel,airplanes", "form Lora to adjust gradients; got Gate", "--form", "gate", "--adjust", "pro")]
    [InlineData("barrel,airplanes", "form Gate for a gate's threshold; got Lora", "--gate", "0.1")]
    [InlineData("barrel,airplanes", "noise or a search for flat minima; got both", "--noise", "0.1,0", "--flat", "0.1")]
    [InlineData("barrel,airplanes", "expected one of none, pro, pro-full", "--adjust", "professional")]
    [InlineData("barrel,airplanes", "expected two numbers such as 0.03,0.01", "--noise", "0.03")]
    [InlineData("barrel,airplanes", "expected some of crop, colour, lines, mixup; got 'blur'", "--views", "crop,blur")]
    [InlineData("barrel,airplanes", "at least 4 images of each class for a search", "--method", "flexora")]
    public async Task What_cannot_be_tuned_is_refused_by_name(string classes, string because, params string[] more)
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 3, images: 2);

        (await Tune(data, classes, more)).AssertRefused(ExitCode.BadInput, because);

        Assert.False(Directory.Exists(_folder["lora"]));
    }

    [Fact]
    public async Task A_method_sets_the_parts_of_the_tuner_and_what_is_given_beside_it_counts_instead()
    {
        var data = SampleArchive.Create(_folder["photographs.zip"], classes: 3, images: 5);

        var run = (await Tune(data, "barrel,airplanes", "--method", "views", "--contrast", "0.5", "--objective", "prototypes", "--json"))
            .AssertDone();

        var settings = JsonNode.Parse(run.Output)!["settings"]!;
        Assert.Equal(("views", "Prototypes"), ((string)settings["method"]!, (string)settings["objective"]!));
        Assert.Equal((2, 0.5), ((int)settings["views"]!["count"]!, (double)settings["penalty"]!["contrast"]!));
    }

    private Task<CommandRun> Tune(string data, string classes, params string[] more) => CommandRun.OfTiny(
        ["tune", "--data", data, "--classes", classes, "--out", _folder["lora"], "--rank", "2", "--batch", "4", "--device", "cpu",
            .. more.Contains("--steps") ? [] : new[] { "--steps", "2" }, .. more]);

    private static string Sample() => LoraRecycle.Tests.Repository.PathOf("samples", "cup", "image_0046.jpg");
}
