using LoraRecycle.Cli.Commands.Serving;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Tests.Serving;

public class ServiceSettingsTests
{
    [Fact]
    public void What_is_not_asked_for_is_left_to_the_configuration() => Assert.Empty(ServiceSettings.From());

    [Fact]
    public void A_model_directory_becomes_the_folder_of_models_and_its_name() =>
        Assert.Equal(
            ["--Models:Directory=/data/models", "--Models:Default=vit-base"],
            ServiceSettings.From(model: "/data/models/vit-base/")
        );

    [Fact]
    public void A_name_on_the_hub_is_left_to_the_configuration_unless_it_is_a_directory()
    {
        Assert.Equal(["--Models:Default=maker/seer@v2"], ServiceSettings.From(model: "maker/seer@v2"));
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["maker/seer"]);
        Assert.Equal(
            [$"--Models:Directory={folder["maker"]}", "--Models:Default=seer"],
            ServiceSettings.From(model: folder["maker/seer"])
        );
    }

    [Fact]
    public void An_address_a_device_a_meta_lora_and_a_role_are_handed_on() =>
        Assert.Equal(
            ["--urls=http://0.0.0.0:80", "--Serving:Device=cuda:1", "--Jobs:Devices:0=cuda:1", "--Models:MetaLora=none", "--Jobs:Role=api"],
            ServiceSettings.From(url: "http://0.0.0.0:80", device: "cuda:1", metaLora: "none", role: "api"));

    [Theory]
    [InlineData("8080")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("http://127.0.0.1:8080/classify")]
    public void What_cannot_be_listened_on_is_refused(string url) => Assert.Throws<UsageException>(() => ServiceSettings.From(url: url));

    [Theory]
    [InlineData("--Serving:MaxBatch=16", true)]
    [InlineData("--Serilog:MinimumLevel:Default=Debug", true)]
    [InlineData("--MaxBatch=16", false)]
    [InlineData("--Serving:MaxBatch", false)]
    [InlineData("Serving:MaxBatch=16", false)]
    public void Settings_are_told_from_slips_of_the_pen(string token, bool isSetting) =>
        Assert.Equal(isSetting, ServiceSettings.IsSetting(token));
}
