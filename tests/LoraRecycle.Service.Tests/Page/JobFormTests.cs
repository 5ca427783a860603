using System.Text;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using LoraRecycle.Service.Features.Page;
using LoraRecycle.Service.Features.Recycling.Jobs;

namespace LoraRecycle.Service.Tests.Page;

/// <summary>The page's form of a job asks for settings that the API has, and begins with values that the API takes.</summary>
public sealed partial class JobFormTests
{
    public static TheoryData<string> Settings =>
        [.. Declared().Matches(Form()).Select(match => match.Groups[1].Value).Where(name => name.Contains('.', StringComparison.Ordinal))];

    [Theory, MemberData(nameof(Settings))]
    public void A_setting_of_the_form_is_one_of_the_method(string name)
    {
        JsonTypeInfo settings =
            name.Split('.')[0] == "inversion" ? RecycleJson.Default.InversionSettings : RecycleJson.Default.DistillationSettings;

        Assert.Contains(name.Split('.')[1], settings.Properties.Select(property => property.Name));
    }

    [Fact]
    public void The_form_has_settings_of_both_stages()
    {
        string[] names = [.. Settings.Select(row => row.Data)];

        Assert.Contains(names, name => name.StartsWith("inversion.", StringComparison.Ordinal));
        Assert.Contains(names, name => name.StartsWith("distillation.", StringComparison.Ordinal));
    }

    private static string Form() => Encoding.UTF8.GetString(PageFiles.All.Single(file => file.Path == "js/recycle/job-form.js").Content);

    [GeneratedRegex(@"\{ name: '([\w.]+)'")]
    private static partial Regex Declared();
}
