using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Configuration;

public sealed class ConfigurationTests
{
    private static IReadOnlyList<string> Errors(params string[] settings)
    {
        var thrown = Assert.ThrowsAny<Exception>(() => ServiceHost.Build(["--Models:Directory", Repository.PathOf("models"), .. settings]));
        Assert.True(ConfigurationErrors.TryFind(thrown, out var errors), thrown.ToString());
        return errors;
    }

    [Fact]
    public void All_errors_are_reported_at_once_each_with_the_path_of_its_setting()
    {
        var errors = Errors(
            "--Limits:RequestBytes",
            "12",
            "--Limits:Ways",
            "1",
            "--Serving:Device",
            "gpu",
            "--Cache:Bytes",
            "many",
            "--Models:Default",
            "no-such-model",
            "--Imaging:AllowTiff",
            "perhaps"
        );

        foreach (
            var (setting, value) in new[]
            {
                ("Limits:RequestBytes", "12"),
                ("Limits:Ways", "1"),
                ("Serving:Device", "gpu"),
                ("Cache:Bytes", "many"),
                ("Models:Default", "no-such-model"),
                ("Imaging:AllowTiff", "perhaps"),
            }
        )
            Assert.Contains(
                $"'{value}'",
                Assert.Single(errors, error => error.StartsWith($"{setting}:", StringComparison.Ordinal)),
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void A_model_of_the_hub_that_was_not_fetched_is_an_error_with_the_command_that_fetches_it() =>
        Assert.Contains(
            "'./run pull maker/nobody --revision v2' fetches it",
            Assert.Single(Errors("--Models:Default", "maker/nobody@v2")),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_setting_that_does_not_exist_is_an_error_that_lists_those_that_do()
    {
        var error = Assert.Single(Errors("--Limits:ImagePixels", "5"));

        Assert.StartsWith("Limits:ImagePixels:", error, StringComparison.Ordinal);
        Assert.Contains("PixelsPerImage", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_do_not_fit_one_another_are_an_error()
    {
        Assert.StartsWith("Serving:QueueImages:", Assert.Single(Errors("--Serving:QueueImages", "10")), StringComparison.Ordinal);
        Assert.StartsWith("Serving:DecodedBytes:", Assert.Single(Errors("--Limits:PixelsPerImage", "500000000")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_models_folder_that_is_nowhere_is_an_error()
    {
        Assert.StartsWith("Models:Directory:", Assert.Single(Errors("--Models:Directory", "/no/such/folder")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_shipped_models_are_found_from_wherever_the_service_is_started()
    {
        await using var app = ServiceHost.Build(["--Serilog:MinimumLevel:Default", "Fatal"]);

        Assert.NotNull(app);
    }
}
