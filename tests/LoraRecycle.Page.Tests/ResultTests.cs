using System.IO.Compression;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>Many answers: which are shown, and what can be taken along.</summary>
public sealed class ResultTests(Chromium chromium, PageServer server)
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task Wrong_answers_are_found_counted_and_taken_along_with_the_others(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.AddCupsAndChairsAsync();
        // A name that a spreadsheet would take for a formula.
        await visit
            .QueryInput()
            .SetInputFilesAsync(
                new FilePayload
                {
                    Name = "=1+1, \"two\".jpg",
                    MimeType = "image/jpeg",
                    Buffer = await File.ReadAllBytesAsync(Pictures.Of("cup", 6, 1)[0], TestContext.Current.CancellationToken),
                }
            );
        await visit.Page.GetByLabel("Unknown pictures").SelectOptionAsync("0.05");
        await visit.ClassifyAsync();
        if (screen == Screen.Phone)
        {
            await visit.WaitAsync("scrollY > 0 && document.querySelector('#classify-status').getBoundingClientRect().top < innerHeight");
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = "To the map" }).ClickAsync();
            Assert.Equal("map-title", await visit.FocusAsync());
        }
        Assert.Matches(@"novelty \d\.\d\d, threshold \d\.\d\d", await visit.Page.Locator(".query .verdict").First.InnerTextAsync());

        Assert.Equal("cup", (await visit.VerdictsAsync())[0]);
        await visit.Button("picture 1 is chair").ClickAsync(); // it is a cup, and the table knows no better
        await visit.SeesInStatusAsync("1 correction so far.");
        await visit.Page.Locator("#confusion summary").ClickAsync();
        Assert.Equal("1", await visit.Page.Locator("#confusion td.wrong").InnerTextAsync());
        await visit.Page.GetByLabel("Small pictures").CheckAsync();
        await visit.LookAsync("grid");

        var csv = await DownloadAsync(visit, "Answers as CSV", "answers.csv");
        var lines = await File.ReadAllLinesAsync(csv, TestContext.Current.CancellationToken);
        Assert.StartsWith("picture,answered by,label,probability,novelty,really,", lines[0], StringComparison.Ordinal);
        Assert.Equal(1 + 2, lines.Length);
        Assert.Contains(lines, line => line.StartsWith("\"'=1+1, \"\"two\"\".jpg\",meta-LoRA default,cup,0.", StringComparison.Ordinal));

        var path = await DownloadAsync(visit, "Pictures in folders (zip)", "pictures.zip");
        await using (var zip = await ZipFile.OpenReadAsync(path, TestContext.Current.CancellationToken))
        {
            var entry = Assert.Single(zip.Entries, one => one.FullName == "cup/=1+1, _two_.jpg");
            await using var content = await entry.OpenAsync(TestContext.Current.CancellationToken);
            using var bytes = new MemoryStream();
            await content.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            Assert.Equal(await File.ReadAllBytesAsync(Pictures.Of("cup", 6, 1)[0], TestContext.Current.CancellationToken), bytes.ToArray());
        }

        await visit.Page.GetByLabel("Show", new PageGetByLabelOptions { Exact = true }).SelectOptionAsync("only wrong");
        await visit.SeesAsync("0 of 2 pictures shown");
        Assert.Equal(0, await visit.Page.Locator(".query").CountAsync());
    }

    private static async Task<string> DownloadAsync(Visit visit, string button, string name)
    {
        var download = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button(button).ClickAsync());
        Assert.Equal(name, download.SuggestedFilename);
        return (await download.PathAsync())!;
    }
}
