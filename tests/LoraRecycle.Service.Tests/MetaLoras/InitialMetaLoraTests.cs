using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Serving.Configuration;
using LoraRecycle.Service.Serving.Models;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.MetaLoras;

/// <summary>Which one is active at the start, and what stops the start.</summary>
public sealed class InitialMetaLoraTests : IDisposable
{
    private static readonly StorageOptions NoStorage = new() { Directory = RunningService.NewDataDirectory };

    private readonly MetaLoraFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private InitialMetaLora Initial(string? metaLora)
    {
        var options = new ModelsOptions
        {
            Directory = TinyModel.Models,
            Default = TinyModel.Name,
            MetaLoras = _folder.Path,
            MetaLora = metaLora,
        };
        return InitialMetaLora.Of(options, MetaLoraStore.Of(options, NoStorage));
    }

    private static string Error(params string[] settings)
    {
        var thrown = Assert.ThrowsAny<Exception>(() =>
            ServiceHost.Build(["--Models:Directory", TinyModel.Models, "--Models:Default", TinyModel.Name, .. settings])
        );
        Assert.True(ConfigurationErrors.TryFind(thrown, out var errors), thrown.ToString());
        return Assert.Single(errors);
    }

    [Fact]
    public void Without_a_setting_it_is_default_where_that_is_there_and_else_none()
    {
        Assert.Equal("none", Initial(null).Adapter.Id);
        _folder.Add("mine", seed: 1);
        Assert.Equal("none", Initial(null).Adapter.Id);
        _folder.Add("default", seed: 2);
        Assert.Equal(("default", "default"), (Initial(null).Adapter.Id, Initial("").Adapter.Id));
        Assert.Equal(("mine", "none"), (Initial("mine").Adapter.Id, Initial("none").Adapter.Id));
    }

    [Fact]
    public void A_default_for_another_model_is_passed_over_and_a_named_one_is_an_error()
    {
        _folder.AddForAnotherModel("default");
        Assert.Equal(("none", "default", null), (Initial(null).Adapter.Id, Initial(null).PassedOver?.Id, Initial(null).Error));
        Assert.Contains(
            "The meta-LoRA was made for the model 'model', but this server serves 'tiny'",
            Initial("default").Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void One_that_is_not_there_stops_the_start_with_those_that_are()
    {
        _folder.Add("one", seed: 1).Add("two", seed: 2);
        var error = Error("--Models:MetaLoras", _folder.Path, "--Models:MetaLora", "three");

        Assert.StartsWith("Models:MetaLora:", error, StringComparison.Ordinal);
        Assert.Contains("one, two", error, StringComparison.Ordinal);
        Assert.EndsWith("Found 'three'.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("")]
    public void A_damaged_one_is_an_error_also_as_the_unnamed_default(string metaLora)
    {
        _folder.AddDamaged("default");
        var error = Initial(metaLora).Error;

        Assert.StartsWith("Models:MetaLora:", error, StringComparison.Ordinal);
        Assert.Contains("adapter_model.safetensors", error, StringComparison.Ordinal);
        Assert.Contains("none", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_damaged_model_the_start_says_that_and_nothing_about_meta_loras()
    {
        _folder.Add("default", seed: 1);
        Directory.CreateDirectory(_folder["model"]);
        File.WriteAllText(System.IO.Path.Combine(_folder["model"], "config.json"), "{}");
        var options = new ModelsOptions { Directory = _folder.Path, Default = "model", MetaLoras = _folder.Path };

        Assert.Equal(new InitialMetaLora(ServedAdapter.None), InitialMetaLora.Of(options, MetaLoraStore.Of(options, NoStorage)));
    }

    [Fact]
    public void A_folder_that_is_nowhere_stops_the_start() =>
        Assert.StartsWith("Models:MetaLoras:", Error("--Models:MetaLoras", "/no/such/folder"), StringComparison.Ordinal);

    [Fact]
    public void A_server_that_can_load_none_is_no_setting() =>
        Assert.StartsWith("Models:MaxLoaded:", Error("--Models:MaxLoaded", "0"), StringComparison.Ordinal);

    [Theory]
    [InlineData("default", true)]
    [InlineData("Mine-2.1_b", true)]
    [InlineData("none", false)]
    [InlineData("active", false)]
    [InlineData("", false)]
    [InlineData(".hidden", false)]
    [InlineData("mine.0a1b.tmp", false)]
    [InlineData("a/b", false)]
    [InlineData("caf\u00e9", false)]
    public void Ids_are_names_that_need_no_escape_anywhere(string name, bool isId) => Assert.Equal(isId, MetaLoraNames.IsId(name));
}
