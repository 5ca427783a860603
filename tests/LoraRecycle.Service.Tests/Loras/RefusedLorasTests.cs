using System.Text;
using System.Text.Json.Nodes;
using TorchSharp;

namespace LoraRecycle.Service.Tests.Loras;

/// <summary>What is no LoRA for the model that serves: refused with the reason, and nothing of it stays.</summary>
public sealed class RefusedLorasTests : IDisposable
{
    private const int Mebibyte = 1 << 20;

    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-refused-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    /// <summary>Sends a form, and finds nothing on disk or in the list afterwards.</summary>
    private async Task<string> RefusedAsync(
        IEnumerable<KeyValuePair<string, byte[]>> files,
        int status,
        string code,
        string? field,
        string? name = null,
        params string[] settings
    )
    {
        await using var service = await MarketService.StartAsync(_data, settings);
        using var response = await service.PostAsync(files, name);
        var problem = await response.IsProblemAsync(status, code, field);
        Assert.Empty(await service.IdsAsync());
        Assert.Empty(
            Directory.Exists(Path.Combine(_data, "uploads")) ? Directory.GetFileSystemEntries(Path.Combine(_data, "uploads")) : []
        );
        Assert.DoesNotContain(_data, problem.GetRawText(), StringComparison.Ordinal);
        return problem.GetProperty("detail").GetString()!;
    }

    private Task<string> RefusedZipAsync(byte[] zip, int status, string code, string? field = "lora.zip", params string[] settings) =>
        RefusedAsync([KeyValuePair.Create("lora.zip", zip)], status, code, field, null, settings);

    private static byte[] Zip(params (string, byte[])[] entries) => LoraSamples.Zip(entries);

    [Fact]
    public async Task One_for_another_model_with_that_models_name()
    {
        var detail = await RefusedAsync(
            LoraSamples.Peft(1, model: LoraRecycle.Tests.Repository.PathOf("tests", "golden", "dinov2", "model")),
            422,
            "unusable-lora",
            LoraSamples.Tensors
        );
        Assert.Contains("made for the model 'model', but this server serves 'tiny'", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_with_a_tensor_that_nothing_uses_by_the_tensors_name()
    {
        using var scope = torch.NewDisposeScope();
        var files = LoraSamples.Changed(
            LoraSamples.Peft(1),
            tensors => tensors["base_model.model.decoder.extra.lora_A.weight"] = torch.zeros(2, 64)
        );
        Assert.Contains("decoder.extra", await RefusedAsync(files, 422, "unusable-lora", LoraSamples.Tensors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_with_values_that_are_not_finite_by_the_tensors_name()
    {
        var broken = "";
        var files = LoraSamples.Changed(LoraSamples.Peft(1), tensors =>
        {
            broken = tensors.Keys.Order(StringComparer.Ordinal).First();
            tensors[broken].fill_(float.NaN);
        });
        Assert.Contains(broken, await RefusedAsync(files, 422, "unusable-lora", LoraSamples.Tensors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_whose_finite_factors_have_a_product_that_is_not() =>
        Assert.Contains(
            "not finite",
            await RefusedAsync(LoraSamples.Peft(1, size: 1e25), 422, "unusable-lora", LoraSamples.Tensors),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task One_whose_settings_name_modules_that_it_has_no_tensors_for()
    {
        var files = LoraSamples.Changed(LoraSamples.Peft(1), settings => settings["target_modules"]!.AsArray().Add("k_proj"));
        Assert.Contains("k_proj", await RefusedAsync(files, 422, "unusable-lora", LoraSamples.Config), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_breaks_off()
    {
        var files = LoraSamples.Peft(1);
        files[LoraSamples.Tensors] = files[LoraSamples.Tensors][..^100];
        await RefusedAsync(files, 422, "unusable-lora", LoraSamples.Tensors);
    }

    [Fact]
    public async Task A_head_for_other_embeddings_and_one_that_is_none()
    {
        Assert.Contains(
            "embeddings of 100",
            await RefusedAsync(LoraSamples.Peft(1, ["cup", "chair"], headWidth: 100), 422, "unusable-lora", LoraSamples.Tensors),
            StringComparison.Ordinal
        );
        var files = LoraSamples.Peft(1, ["cup", "chair"]);
        files[LoraSamples.Head] = files[LoraSamples.Tensors];
        await RefusedAsync(files, 422, "unusable-lora", LoraSamples.Head);
    }

    [Theory]
    [InlineData(LoraSamples.Config)]
    [InlineData(LoraSamples.Tensors)]
    public async Task One_with_a_file_missing_by_its_name(string missing)
    {
        var files = LoraSamples.Peft(1, ["cup", "chair"]);
        files.Remove(missing);
        await RefusedAsync(files, 422, "incomplete-lora", missing);
    }

    [Fact]
    public async Task Names_of_classes_without_a_head_that_has_them()
    {
        var files = LoraSamples.Peft(1, ["cup", "chair"]);
        files.Remove(LoraSamples.Head);
        Assert.Contains("head.safetensors", await RefusedAsync(files, 422, "unusable-lora", LoraSamples.Classes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_module_trained_whole_that_is_no_head_by_its_name()
    {
        using var scope = torch.NewDisposeScope();
        var files = LoraSamples.Changed(
            LoraSamples.Changed(LoraSamples.Peft(1), tensors => tensors["base_model.model.layernorm.weight"] = torch.zeros(64)),
            settings => settings["modules_to_save"] = new JsonArray("layernorm")
        );
        Assert.Contains(
            "'layernorm' (modules_to_save)",
            await RefusedAsync(files, 422, "unusable-lora", LoraSamples.Tensors),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Files_that_do_not_belong_or_come_twice()
    {
        var files = LoraSamples.Peft(1);
        await RefusedAsync([.. files, KeyValuePair.Create("weights.bin", files[LoraSamples.Tensors])], 422, "unknown-field", "weights.bin");
        await RefusedAsync(
            [.. files, KeyValuePair.Create(LoraSamples.Config, files[LoraSamples.Config])],
            422,
            "repeated-file",
            LoraSamples.Config
        );
        await RefusedAsync([.. files, KeyValuePair.Create("lora.zip", Zip(("a", [])))], 422, "unexpected-file", "lora.zip");
        await RefusedAsync(
            [.. files, KeyValuePair.Create("lora.safetensors", LoraSamples.Paper(1))],
            422,
            "unexpected-file",
            LoraSamples.Tensors
        );
        await RefusedZipAsync(
            Zip(("run.sh", "rm"u8.ToArray()), (LoraSamples.Config, files[LoraSamples.Config])),
            422,
            "unexpected-file",
            "run.sh"
        );
        await RefusedAsync([], 422, "incomplete-lora", LoraSamples.Tensors, "only a name");
    }

    [Theory]
    [InlineData("../adapter_config.json")]
    [InlineData("a/../../adapter_config.json")]
    [InlineData("/etc/adapter_config.json")]
    [InlineData("..\\adapter_config.json")]
    [InlineData("C:adapter_config.json")]
    [InlineData("a//adapter_config.json")]
    public async Task Names_that_lead_out_of_the_archive(string name) =>
        await RefusedZipAsync(Zip((name, "{}"u8.ToArray())), 422, "unsafe-file-name", name);

    [Fact]
    public async Task A_file_name_of_a_part_is_no_path_either()
    {
        await using var service = await MarketService.StartAsync(_data);
        using var form = new MultipartFormDataContent { { new ByteArrayContent("{}"u8.ToArray()), "file", "../../adapter_config.json" } };
        using var response = await service.Client.PostAsync(
            new Uri("/loras", UriKind.Relative),
            form,
            TestContext.Current.CancellationToken
        );
        await response.IsProblemAsync(422, "unsafe-file-name", "../../adapter_config.json");
    }

    [Fact]
    public async Task A_zip_bomb_stops_as_soon_as_it_is_one()
    {
        var bomb = Zip((LoraSamples.Tensors, new byte[64 * Mebibyte]));
        Assert.InRange(bomb.Length, 1, 128 << 10);
        await RefusedZipAsync(bomb, 413, "lora-too-large", LoraSamples.Tensors);
    }

    [Fact]
    public async Task A_zip_with_many_entries_whatever_number_it_announces()
    {
        var many = Zip([.. Enumerable.Range(0, 700).Select(i => ($"{i}/README.md", Array.Empty<byte>()))]);
        await RefusedZipAsync(many, 413, "too-many-files");
        many[^12] = 1;
        many[^11] = 0;
        many[^14] = 1;
        many[^13] = 0;
        await RefusedZipAsync(many, 413, "too-many-files", "lora.zip", "--Loras:ZipEntries", "5");
    }

    [Fact]
    public async Task A_zip_that_is_damaged_or_none()
    {
        var whole = LoraSamples.Zip(LoraSamples.Peft(1).Select(file => (file.Key, file.Value)));
        await RefusedZipAsync([], 400, "damaged-zip");
        await RefusedZipAsync(Encoding.UTF8.GetBytes("no archive"), 400, "damaged-zip");
        await RefusedZipAsync(whole[..(whole.Length / 2)], 400, "damaged-zip");
        var torn = whole.ToArray();
        torn.AsSpan(60, 5000).Fill(0xff);
        await RefusedZipAsync(torn, 400, "damaged-zip");
    }

    [Fact]
    public async Task One_that_is_too_large_as_files_or_as_a_body()
    {
        var files = LoraSamples.Peft(1);
        await RefusedAsync(files, 413, "lora-too-large", LoraSamples.Tensors, null, "--Loras:UnpackedBytes", "5000");
        await RefusedAsync(files, 413, "body-too-large", null, null, "--Loras:UploadBytes", "5000");
    }

    [Fact]
    public async Task A_body_larger_than_that_of_other_requests_is_none_too_large()
    {
        await using var service = await MarketService.StartAsync(_data, "--Limits:RequestBytes", "2048");
        await service.AddAsync(LoraSamples.Peft(1));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("a\u0007b")]
    [InlineData("a\uFFFEb")]
    public async Task A_name_that_cannot_be_shown(string name) =>
        await RefusedAsync(LoraSamples.Peft(1), 422, "invalid-name", "name", name);

    [Fact]
    public async Task A_name_that_is_too_long() =>
        await RefusedAsync(LoraSamples.Peft(1), 422, "invalid-name", "name", new string('a', 101));

    [Fact]
    public async Task Bodies_that_are_no_form()
    {
        await using var service = await MarketService.StartAsync(_data);
        using var json = await service.Client.PostAsync(
            new Uri("/loras", UriKind.Relative),
            new StringContent("{}", Encoding.UTF8, "application/json"),
            TestContext.Current.CancellationToken
        );
        await json.IsProblemAsync(415, "unsupported-content-type", "Content-Type");
        using var torn = new StringContent("--x\r\nContent-Disposition: form-data; name=\"adapter_config.json\"\r\n\r\n{");
        torn.Headers.ContentType = new("multipart/form-data") { Parameters = { new("boundary", "x") } };
        using var broken = await service.Client.PostAsync(new Uri("/loras", UriKind.Relative), torn, TestContext.Current.CancellationToken);
        await broken.IsProblemAsync(400, "malformed-multipart");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_data, "uploads")));
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_written_is_the_servers_fault_and_comes_back()
    {
        await using var service = await MarketService.StartAsync(_data);
        await File.WriteAllTextAsync(Path.Combine(_data, "uploads"), "in the way", TestContext.Current.CancellationToken);
        using (var refused = await service.PostAsync(LoraSamples.Peft(1)))
            await refused.IsProblemAsync(503, "storage-unavailable");
        File.Delete(Path.Combine(_data, "uploads"));
        await service.AddAsync(LoraSamples.Peft(1));
    }
}
