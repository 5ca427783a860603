using System.Text.Json;

namespace LoraRecycle.Service.Tests.Jobs;

public sealed class DataSetTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-sets-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Every_data_set_is_listed_with_its_parts_and_a_job_may_name_it()
    {
        await using var service = await JobService.StartAsync(_data);
        var listed = (await service.GetAsync("/data-sets")).GetProperty("dataSets");
        Assert.Equal(["caltech101-72", "omniglot-small"], listed.EnumerateArray().Select(one => one.GetProperty("name").GetString()));
        Assert.Equal(["train", "val", "test", "all"], listed[0].GetProperty("parts").EnumerateArray().Select(part => part.GetString()));

        var lora = (await service.LorasAsync(1))[0];
        foreach (var name in listed.EnumerateArray().Select(one => one.GetProperty("name").GetString()))
            await service.StartJobAsync(lora, 1, $$""", "validation": { "dataSet": "{{name}}", "episodes": 1 } """);
    }

    [Theory]
    [InlineData("folder", new[] { "all" })] // no split file
    [InlineData("damaged", new string[0])]
    public async Task A_folder_is_a_data_set_and_a_split_file_that_is_damaged_costs_only_the_parts(string kind, string[] parts)
    {
        var sets = Directory.CreateDirectory(Path.Combine(_data, "sets")).FullName;
        Directory.CreateDirectory(Path.Combine(sets, "flowers"));
        if (kind == "damaged")
            await File.WriteAllTextAsync(Path.Combine(sets, "splits.json"), "{", TestContext.Current.CancellationToken);
        await using var service = await JobService.StartAsync(_data, "--Jobs:DataSets", sets);
        var one = Assert.Single((await service.GetAsync("/data-sets")).GetProperty("dataSets").EnumerateArray());
        Assert.Equal(
            ("flowers", JsonSerializer.Serialize(parts)),
            (one.GetProperty("name").GetString(), one.GetProperty("parts").GetRawText())
        );
    }

    [Fact]
    public async Task A_server_without_a_folder_of_them_has_none()
    {
        await using var service = await JobService.StartAsync(_data, "--Jobs:DataSets", Path.Combine(_data, "nowhere"));
        Assert.Empty((await service.GetAsync("/data-sets")).GetProperty("dataSets").EnumerateArray());
    }
}
