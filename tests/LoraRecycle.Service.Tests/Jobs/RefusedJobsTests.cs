using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Jobs;

/// <summary>What cannot be done is refused before it is accepted, with the field at fault.</summary>
public sealed class RefusedJobsTests : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-refused-").FullName;
    private readonly MetaLoraFolder _metaLoras = new MetaLoraFolder().Add("default", seed: 1);
    private JobService? _service;

    private JobService Service => _service!;

    public async ValueTask InitializeAsync() => _service = await JobService.StartAsync(_data, "--Models:MetaLoras", _metaLoras.Path);

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        Directory.Delete(_data, recursive: true);
        _metaLoras.Dispose();
    }

    [Fact]
    public async Task Every_wrong_request_is_a_problem_of_its_own_and_makes_nothing()
    {
        var lora = (await Service.LorasAsync(1))[0];
        var one = $"\"loras\": [\"{lora}\"]";
        foreach (
            var (body, status, code, field) in new (string, int, string, string?)[]
            {
                ("{", 400, "malformed-json", null),
                ("[]", 422, "wrong-type", null),
                ("{}", 422, "no-loras", "loras"),
                ("{ \"loras\": [] }", 422, "no-loras", "loras"),
                ("{ \"filter\": { \"name\": \"nothing-*\" } }", 422, "no-loras", "filter"),
                ($"{{ {one}, \"filter\": {{}} }}", 422, "invalid-setting", "filter"),
                ("{ \"filter\": { \"origin\": \"stolen\" } }", 422, "invalid-setting", "filter.origin"),
                ("{ \"filter\": { \"nmae\": \"x\" } }", 422, "unknown-field", "filter.nmae"),
                ("{ \"loras\": [\"../../etc\"] }", 422, "unknown-lora", "loras[0]"),
                ($"{{ \"loras\": [\"{lora}\", \"{lora}\"] }}", 422, "invalid-setting", "loras[1]"),
                ($"{{ {one}, \"color\": 1 }}", 422, "unknown-field", "color"),
                ($"{{ {one}, \"seed\": \"7\" }}", 422, "wrong-type", "seed"),
                ($"{{ {one}, \"name\": \"../up\" }}", 422, "invalid-meta-lora-name", "name"),
                ($"{{ {one}, \"name\": \"active\" }}", 422, "invalid-meta-lora-name", "name"),
                ($"{{ {one}, \"name\": \"default\" }}", 409, "meta-lora-name-taken", "name"),
                ($"{{ {one}, \"together\": 0 }}", 422, "invalid-setting", "together"),
                ($"{{ {one}, \"minimumLoras\": 2 }}", 422, "invalid-setting", "minimumLoras"),
                ($"{{ {one}, \"inversion\": 3 }}", 422, "wrong-type", "inversion"),
                ($"{{ {one}, \"inversion\": {{ \"itertions\": 3 }} }}", 422, "unknown-field", "inversion.itertions"),
                ($"{{ {one}, \"inversion\": {{ \"iterations\": 0 }} }}", 422, "invalid-setting", "inversion"),
                ($"{{ {one}, \"inversion\": {{ \"iterations\": 1.5 }} }}", 422, "wrong-type", "inversion.iterations"),
                ($"{{ {one}, \"inversion\": {{ \"imagesPerClass\": 1 }} }}", 422, "invalid-setting", "inversion.imagesPerClass"),
                ($"{{ {one}, \"inversion\": {{ \"pruning\": \"99:.5\" }} }}", 422, "invalid-setting", "inversion"),
                ($"{{ {one}, \"inversion\": {{ \"pruning\": \"much\" }} }}", 422, "wrong-type", "inversion.pruning"),
                ($"{{ {one}, \"distillation\": {{ \"rank\": 0 }} }}", 422, "invalid-setting", "distillation.rank"),
                ($"{{ {one}, \"distillation\": {{ \"targets\": [\"x\"] }} }}", 422, "invalid-setting", "distillation.targets"),
                ($"{{ {one}, \"distillation\": {{ \"start\": \"middle\" }} }}", 422, "wrong-type", "distillation.start"),
                (
                    $"{{ {one}, \"distillation\": {{ \"augmentation\": {{ \"gray\": 1 }} }} }}",
                    422,
                    "unknown-field",
                    "distillation.augmentation.gray"
                ),
                ($"{{ {one}, \"activate\": \"maybe\" }}", 422, "invalid-setting", "activate"),
                ($"{{ {one}, \"activate\": \"ifBetter\" }}", 422, "invalid-setting", "validation"),
                ($"{{ {one}, \"validation\": {{ \"dataSet\": \"/etc/passwd\" }} }}", 422, "unknown-data-set", "validation.dataSet"),
                (
                    $"{{ {one}, \"validation\": {{ \"dataSet\": \"caltech101-72\", \"part\": \"exam\" }} }}",
                    422,
                    "invalid-setting",
                    "validation.part"
                ),
                ($"{{ {one}, \"validation\": {{ \"dataSet\": \"caltech101-72\", \"ways\": 500 }} }}", 422, "invalid-setting", "validation"),
            }
        )
        {
            using var response = await Service.PostAsync(body);
            await response.IsProblemAsync(status, code, field);
        }
        Assert.Empty((await Service.GetAsync("/recycle")).GetProperty("jobs").EnumerateArray());
        Assert.False(Directory.Exists(Path.Combine(_data, "jobs")));
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        foreach (
            var path in new[]
            {
                "/recycle/none",
                "/recycle/none/events",
                "/recycle/none/images",
                "/recycle/none/images/0.png",
                "/recycle/none/masks/0.png",
            }
        )
        {
            using var response = await Service.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            await response.IsProblemAsync(404, "job-not-found");
        }
        using var deleted = await Service.DeleteAsync("/recycle/none");
        await deleted.IsProblemAsync(404, "job-not-found");
    }

    [Fact]
    public async Task Settings_that_are_not_sent_stay_what_they_are_by_default()
    {
        var job = await Service.StartJobAsync((await Service.LorasAsync(1))[0], iterations: 100_000, ", \"seed\": 9");
        var settings = (await Service.GetAsync($"/recycle/{job}")).GetProperty("settings");

        Assert.Equal(0.25, settings.GetProperty("inversion").GetProperty("learningRate").GetDouble());
        Assert.Equal(9, settings.GetProperty("inversion").GetProperty("seed").GetInt32());
        Assert.Equal("zero", settings.GetProperty("distillation").GetProperty("start").GetString());
        Assert.Equal(0.2, settings.GetProperty("distillation").GetProperty("augmentation").GetProperty("grey").GetDouble());
        using var image = await Service.Client.GetAsync(
            new Uri($"/recycle/{job}/images/0.png", UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        await image.IsProblemAsync(404, "image-not-found");
    }
}
