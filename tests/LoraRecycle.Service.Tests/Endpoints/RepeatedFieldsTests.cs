using System.Text;

namespace LoraRecycle.Service.Tests.Endpoints;

/// <summary>Which of two values counts would be a guess, and clients and proxies guess differently.</summary>
public sealed class RepeatedFieldsTests(RunningService service)
{
    private static readonly byte[] Cup = Photographs.Of("cup", 0), Chair = Photographs.Of("chair", 0);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("'queries':['CUP']", "queries")]
    [InlineData("'support':[]", "support")]
    [InlineData("'metaLora':'none','metaLora':'default'", "metaLora")]
    [InlineData("'reject':0.1,'reject':null", "reject")]
    [InlineData("'embeddings':true,'embeddings':false", "embeddings")]
    public async Task A_name_that_comes_twice_in_json_is_refused(string more, string field)
    {
        const string Support = """{"support":[{"label":"cup","images":["CUP"]},{"label":"chair","images":["CHAIR"]}]""";
        var episode = $$"""{{Support}},"queries":["CUP"],{{more}}}""";
        await RefusedAsync(episode.Replace('\'', '"'), field);
    }

    [Theory]
    [InlineData("""{"label":"cup","label":"mug","images":["CUP"]}""", "support[1].label")]
    [InlineData("""{"label":"cup","images":[],"images":["CUP"]}""", "support[1].images")]
    public async Task So_is_one_within_a_class(string second, string field) =>
        await RefusedAsync($$"""{"support":[{"label":"chair","images":["CHAIR"]},{{second}}],"queries":["CUP"]}""", field);

    [Theory]
    [InlineData("metaLora", "none")]
    [InlineData("reject", "0.1")]
    [InlineData("embeddings", "true")]
    public async Task A_field_of_one_value_that_comes_twice_in_a_form_is_refused(string name, string value)
    {
        var field = ($"name={name}", Encoding.ASCII.GetBytes(value));
        using var form = RawForm.Of(
            [field, ("name=\"support[cup]\"", Cup), ("name=\"support[chair]\"", Chair), ("name=query", Cup), field]
        );
        using var response = await service.Client.PostAsync("/classify", form, Cancellation);
        await response.IsProblemAsync(422, "wrong-type", name);
    }

    [Theory]
    [InlineData("name=\"query\"; filename=\"\"")]
    [InlineData("name=\"support[spoon]\"; filename=\"\"")]
    public async Task A_choice_of_files_that_nobody_made_is_no_image(string disposition)
    {
        using var form = RawForm.Of(
            [("name=\"support[cup]\"", Cup), (disposition, []), ("name=\"support[chair]\"", Chair), ("name=query", Cup)]
        );
        using var response = await service.Client.PostAsync("/classify", form, Cancellation);
        Assert.Equal("cup", Assert.Single((await response.AnswerAsync()).Labels()));
    }

    [Fact]
    public async Task An_image_whose_file_has_an_empty_name_counts_whole()
    {
        using var form = RawForm.Of(
            [("name=\"support[cup]\"; filename=\"\"", Cup), ("name=\"support[chair]\"", Chair), ("name=query; filename=\"\"", Cup)]
        );
        using var response = await service.Client.PostAsync("/classify", form, Cancellation);
        var answer = await response.AnswerAsync();
        Assert.Equal("cup", Assert.Single(answer.Labels()));
        Assert.Equal(0, answer.GetProperty("predictions")[0].GetProperty("scores")[0].GetProperty("distance").GetDouble());
    }

    private async Task RefusedAsync(string episode, string field)
    {
        var body = episode
            .Replace("CUP", Convert.ToBase64String(Cup), StringComparison.Ordinal)
            .Replace("CHAIR", Convert.ToBase64String(Chair), StringComparison.Ordinal);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await service.Client.PostAsync("/classify", content, Cancellation);
        await response.IsProblemAsync(400, "malformed-json", field);
    }
}
