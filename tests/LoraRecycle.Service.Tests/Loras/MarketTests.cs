using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Service.Tests.Serving;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Loras;

/// <summary>LoRAs that come, stay and go.</summary>
public sealed class MarketTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-market-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private Task<MarketService> StartAsync(params string[] settings) => MarketService.StartAsync(_data, settings);

    private static readonly string[] CupAndChair = ["cup", "chair"];

    [Fact]
    public async Task A_peft_lora_with_a_head_comes_listed_inspected_stored_whole_and_goes()
    {
        await using var service = await StartAsync();
        var files = LoraSamples.Peft(seed: 1, CupAndChair);
        var added = await service.AddAsync(files, "cups <&> chairs");
        var id = added.Id();
        var inspected = await service.GetAsync($"/loras/{id}");

        Assert.Equal(
            ("cups <&> chairs", "uploaded", TinyModel.Name, "lora"),
            (Text(added, "name"), Text(added, "origin"), Text(added, "model"), Text(added, "family"))
        );
        Assert.Equal(
            (2, 2, 3 * 2 * 2 * (64 + 64)),
            (added.GetProperty("rank").GetInt32(), added.GetProperty("classCount").GetInt32(), added.GetProperty("parameters").GetInt32())
        );
        Assert.Equal(CupAndChair, added.GetProperty("classes").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(["q", "v"], added.GetProperty("targets").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal(files.Values.Sum(content => content.Length), added.GetProperty("bytes").GetInt32());
        Assert.Equal(
            added.GetRawText().Replace("[\"cup\",\"chair\"]", "[]", StringComparison.Ordinal),
            (await service.GetAsync("/loras")).GetProperty("loras")[0].GetRawText());
        Assert.Equal(added.GetRawText(), inspected.GetProperty("lora").GetRawText());
        foreach (var (name, content) in files)
            Assert.Equal(
                content,
                await File.ReadAllBytesAsync(Path.Combine(_data, "loras", id, name), TestContext.Current.CancellationToken)
            );
        using (var model = ModelDirectory.Open(LoraSamples.Model))
        using (var adapter = AdapterCatalog.Default.Load(Path.Combine(_data, "loras", id), model.AdaptableLayers))
            Assert.Equal(id, adapter.Revision);

        using var deleted = await service.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var again = await service.DeleteAsync(id);
        await again.IsProblemAsync(404, "lora-not-found");
        Assert.Empty(await service.IdsAsync());
        Assert.Empty(
            Directory
                .GetFileSystemEntries(Path.Combine(_data, "loras"))
                .Concat(Directory.GetFileSystemEntries(Path.Combine(_data, "uploads")))
        );
    }

    [Fact]
    public async Task Its_spectrum_is_that_of_its_matrices_and_is_drawn()
    {
        await using var service = await StartAsync();
        var id = (await service.AddAsync(LoraSamples.Peft(seed: 2, size: 3), "a <b>")).Id();
        var spectrum = (await service.GetAsync($"/loras/{id}")).GetProperty("spectrum");
        var layers = spectrum.GetProperty("layers").EnumerateArray().ToArray();
        using var response = await service.Client.GetAsync(
            new Uri($"/loras/{id}/spectrum.svg", UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        var drawn = XDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Equal(3 * 2, layers.Length);
        foreach (var layer in layers)
        {
            var values = layer.GetProperty("singularValues").EnumerateArray().Select(value => value.GetDouble()).ToArray();
            Assert.Equal(2, values.Length);
            Assert.Equal(Math.Sqrt(values.Sum(value => value * value)), layer.GetProperty("norm").GetDouble(), 6);
            Assert.InRange(layer.GetProperty("effectiveRank").GetDouble(), 1, 2);
            // A random delta that outweighs the weight brings directions of its own.
            Assert.Equal(2, layer.GetProperty("intruderDimensions").GetArrayLength());
        }
        Assert.Equal("image/svg+xml", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(
            "style-src 'unsafe-inline'",
            response.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal
        );
        Assert.Equal(3 * 2 * 2, drawn.Descendants().Count(element => element.Name.LocalName == "polyline"));
        Assert.Contains(drawn.Descendants(), element => element.Name.LocalName == "text" && element.Value == "a <b>");
        Assert.Contains(drawn.Descendants(), element => element.Value.StartsWith("intruder dimensions: 12", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_same_lora_twice_is_one_however_it_comes()
    {
        await using var service = await StartAsync();
        var files = LoraSamples.Peft(seed: 3, CupAndChair);
        var id = (await service.AddAsync(files, "first")).Id();
        using var plain = await service.PostAsync(files.Reverse().Prepend(KeyValuePair.Create("run.json", "{}"u8.ToArray())), "second");
        using var zipped = await service.PostZipAsync(
            LoraSamples.Zip([("folder/README.md", "words"u8.ToArray()), .. files.Select(file => ($"folder/{file.Key}", file.Value))])
        );

        foreach (var response in new[] { plain, zipped })
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var same = await response.AnswerAsync();
            Assert.Equal((id, "first"), (same.Id(), Text(same, "name")));
        }
        Assert.Equal([id], await service.IdsAsync());
    }

    [Fact]
    public async Task An_archive_may_hold_what_the_hub_and_computers_put_beside_a_lora()
    {
        await using var service = await StartAsync();
        var files = LoraSamples.Peft(seed: 8, CupAndChair);
        var id = (await service.AddAsync(files, "first")).Id();
        string[] beside =
        [
            "README.md", "readme.txt", "LICENSE", ".gitattributes", ".DS_Store", "training_args.bin", "special_tokens_map.json",
            "optimizer.pt", "tokenizer.model", "trainer_state.json", "events.out.tfevents.1.2", "preview.png", "Thumbs.db",
        ];
        foreach (var folder in new[] { "", "my-lora/", "a/b/" })
        {
            using var response = await service.PostZipAsync(LoraSamples.Zip([
                .. files.Select(file => ($"{folder}{file.Key}", file.Value)),
                .. beside.Select(name => ($"{folder}{name}", "words"u8.ToArray())),
                .. files.Keys.Select(name => ($"__MACOSX/{folder}._{name}", "fork"u8.ToArray())),
                ($"{folder}.cache/huggingface/download/adapter_model.safetensors", "none"u8.ToArray()),
                ($"{folder}checkpoint-500/{LoraSamples.Tensors}", "old"u8.ToArray()),
                ($"{folder}checkpoint-500/{LoraSamples.Config}", "old"u8.ToArray()),
            ]));
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(id, (await response.AnswerAsync()).Id());
        }

        using var two = await service.PostZipAsync(
            LoraSamples.Zip([.. new[] { "a/", "b/" }.SelectMany(folder => files.Select(file => (folder + file.Key, file.Value)))])
        );
        await two.IsProblemAsync(422, "repeated-file", LoraSamples.Tensors);
    }

    [Fact]
    public async Task Many_at_once_of_the_same_are_one()
    {
        await using var service = await StartAsync();
        var files = LoraSamples.Peft(seed: 4);
        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => service.PostAsync(files)));

        Assert.Single(responses, response => response.StatusCode == HttpStatusCode.Created);
        Assert.Equal(7, responses.Count(response => response.StatusCode == HttpStatusCode.OK));
        Assert.Single(await service.IdsAsync());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_data, "uploads")));
        foreach (var response in responses)
            response.Dispose();
    }

    [Fact]
    public async Task The_papers_file_comes_by_itself_under_any_name_or_in_a_zip()
    {
        await using var service = await StartAsync();
        using var form = new MultipartFormDataContent { { new ByteArrayContent(LoraSamples.Paper(1)), "file", "lora_0.safetensors" } };
        using var response = await service.Client.PostAsync(
            new Uri("/loras", UriKind.Relative),
            form,
            TestContext.Current.CancellationToken
        );
        var first = await response.AnswerAsync();
        var second = await (await service.PostZipAsync(LoraSamples.Zip([("lora_1.safetensors", LoraSamples.Paper(2))]))).AnswerAsync();

        Assert.Equal(("lora-recycle", 5), (Text(first, "family"), first.GetProperty("classCount").GetInt32()));
        Assert.Equal([first.Id(), second.Id()], await service.IdsAsync());
    }

    [Fact]
    public async Task A_restart_keeps_what_is_whole_and_sweeps_what_is_not()
    {
        string id;
        await using (var before = await StartAsync())
            id = (await before.AddAsync(LoraSamples.Peft(seed: 5), "kept")).Id();
        var half = Directory.CreateDirectory(Path.Combine(_data, "uploads", Guid.NewGuid().ToString("N"))).FullName;
        await File.WriteAllTextAsync(Path.Combine(half, LoraSamples.Tensors), "half", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync($"{half}.zip", "half", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync($"{half}.lock", "", TestContext.Current.CancellationToken);

        await using var after = await StartAsync();
        Assert.Equal("kept", Text((await after.GetAsync("/loras")).GetProperty("loras")[0], "name"));
        Assert.Equal([id], await after.IdsAsync());
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_data, "uploads")));
    }

    [Fact]
    public async Task One_that_is_in_use_stays_until_nobody_uses_it()
    {
        await using var service = await StartAsync();
        var id = (await service.AddAsync(LoraSamples.Peft(seed: 6))).Id();
        var cancellation = TestContext.Current.CancellationToken;
        await service.Leases.HoldAsync("first", [id], cancellation);
        await service.Leases.HoldAsync("second", [id], cancellation);
        await service.Leases.ReleaseAsync("first", cancellation);
        await service.Leases.ReleaseAsync("first", cancellation);
        using var refused = await service.DeleteAsync(id);
        await refused.IsProblemAsync(409, "lora-in-use");
        Assert.True((await service.GetAsync("/loras")).GetProperty("loras")[0].GetProperty("inUse").GetBoolean());

        await service.Leases.ReleaseAsync("second", cancellation);
        using var deleted = await service.DeleteAsync(id);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
    }

    [Fact]
    public async Task Shipped_ones_are_listed_inspected_and_never_deleted_and_the_same_one_uploaded_is_it()
    {
        var files = LoraSamples.Peft(seed: 7, CupAndChair);
        var market = Path.Combine(_data, "market");
        Directory.CreateDirectory(Path.Combine(market, "cups"));
        foreach (var (name, content) in files)
            await File.WriteAllBytesAsync(Path.Combine(market, "cups", name), content, TestContext.Current.CancellationToken);
        string revision;
        using (var model = ModelDirectory.Open(LoraSamples.Model))
        using (var adapter = AdapterCatalog.Default.Load(Path.Combine(market, "cups"), model.AdaptableLayers))
            revision = adapter.Revision;
        Market.OpenOrCreate(market).Add(new LoraRecord
        {
            Name = "cups",
            DataSet = "some",
            Classes = CupAndChair,
            Model = TinyModel.Name,
            Settings = new TuningSettings { Rank = 2 },
            HeldOut = new HeldOutSplit(0, 0),
            TrainImages = 1,
            HeldOutImages = 0,
            FinalLoss = 0,
            Revision = revision,
            DType = "Float32",
            Version = "1",
            Device = "cpu",
            Started = DateTimeOffset.UnixEpoch,
            Seconds = 1,
        });
        await using var service = await StartAsync("--Loras:Market", market);
        var listed = (await service.GetAsync("/loras")).GetProperty("loras")[0];
        using var refused = await service.DeleteAsync(revision);
        await refused.IsProblemAsync(409, "lora-is-shipped");
        using var uploaded = await service.PostAsync(files);

        Assert.Equal(
            (revision, "cups", "shipped", 2),
            (listed.Id(), Text(listed, "name"), Text(listed, "origin"), listed.GetProperty("rank").GetInt32())
        );
        Assert.Equal((HttpStatusCode.OK, revision), (uploaded.StatusCode, (await uploaded.AnswerAsync()).Id()));
        Assert.Equal(3 * 2, (await service.GetAsync($"/loras/{revision}")).GetProperty("spectrum").GetProperty("layers").GetArrayLength());
        Assert.Equal([revision], await service.IdsAsync());
    }

    [Fact]
    public async Task The_market_in_the_folder_of_the_models_is_listed_without_a_setting()
    {
        await using var service = await StartAsync([.. RunningService.Shipped, "--Loras:Market", ""]);
        var loras = (await service.GetAsync("/loras")).GetProperty("loras").EnumerateArray().ToArray();

        Assert.Equal(
            Market.Open(Repository.PathOf("models", "market")).Loras.Select(record => record.Revision).Order(),
            loras.Select(lora => lora.Id()).Order()
        );
        Assert.All(loras, lora => Assert.Equal("shipped", Text(lora, "origin")));
    }

    [Fact]
    public async Task Many_that_come_and_go_leave_memory_where_it_was()
    {
        // For a model so large that what is left behind is seen.
        await using var service = await StartAsync(RunningService.Shipped);
        // The model is loaded after the start, and would count.
        await ControlledService.UntilAsync(
            () => service.Client.GetAsync("/healthz/ready").Result.IsSuccessStatusCode,
            () => "the service to be ready"
        );
        var zips = Enumerable
            .Range(10, 4)
            .Select(seed =>
                LoraSamples.Zip(
                    LoraSamples.Peft(seed, model: Repository.PathOf("models", "vit-s-12-96")).Select(file => (file.Key, file.Value))
                )
            )
            .ToArray();
        var before = await RoundsAsync(20); // until the allocators have had all that they take
        var after = await RoundsAsync(20);

        // Twenty uploads are 6 MB of files and 280 MB of weights that were merged to be checked.
        Assert.InRange(after - before, long.MinValue, 40L << 20);

        async Task<long> RoundsAsync(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                using var response = await service.PostZipAsync(zips[i % zips.Length]);
                using var deleted = await service.DeleteAsync((await response.AnswerAsync()).Id());
                Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
            }
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return Environment.WorkingSet;
        }
    }

    [Theory]
    [InlineData("0000")]
    [InlineData("..%2f..%2fetc")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_path_that_leads_to_none_is_not_found(string id)
    {
        await using var service = await StartAsync();
        using var inspected = await service.Client.GetAsync(
            new Uri($"/loras/{id}", UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        await inspected.IsProblemAsync(404, "lora-not-found");
        using var drawn = await service.Client.GetAsync(
            new Uri($"/loras/{id}/spectrum.svg", UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        await drawn.IsProblemAsync(404, "lora-not-found");
    }

    private static string? Text(JsonElement lora, string name) => lora.GetProperty(name).GetString();
}
