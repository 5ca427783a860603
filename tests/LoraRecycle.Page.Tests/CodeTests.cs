using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LoraRecycle.Client.Tests;
using LoraRecycle.Tests;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>The same request elsewhere.</summary>
public sealed partial class CodeTests(Chromium chromium, PageServer server) : IDisposable
{
    private const string Odd = "it's a chair; \"new\"";
    private const string WithEquals = "a plane = 2 wings";
    private static readonly PageGetByLabelOptions Exact = new() { Exact = true };

    private readonly string _folder = Directory.CreateTempSubdirectory("lora-recycle-page-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task The_command_of_a_sample_runs_where_none_of_its_pictures_are(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.Button("5 classes, 1 example each").ClickAsync();
        await visit.SeesInStatusAsync("15 pictures classified by");
        var said = (await visit.VerdictsAsync()).Where((_, i) => i % 2 == 0); // of the meta-LoRA, and not of the bare model
        await visit.Button("As code…").ClickAsync();
        Assert.Equal("code-curl", await visit.FocusAsync());
        await visit.LookAsync("code");
        Assert.Equal(said, await LabelsAsync(await visit.Page.GetByLabel("Code", Exact).InputValueAsync()));
        await visit.Button("Close").ClickAsync();
        Assert.Equal("copy-code", await visit.FocusAsync());
    }

    [Theory, InlineData("Python"), InlineData("C#")]
    public async Task The_program_of_a_sample_runs_where_none_of_its_pictures_are(string language)
    {
        RequireLanguage(language);
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.Button("5 classes, 1 example each").ClickAsync();
        await visit.SeesInStatusAsync("15 pictures classified by");
        var said = (await visit.VerdictsAsync()).Where((_, i) => i % 2 == 0); // of the meta-LoRA, and not of the bare model
        await visit.Button("As code…").ClickAsync();

        Assert.Equal(said, await ProgramLabelsAsync(visit, language));
    }

    [Theory, InlineData("Python"), InlineData("C#")]
    public async Task The_program_of_an_own_episode_and_that_of_a_stored_task_run_in_the_folder_of_the_files(string language)
    {
        RequireLanguage(language);
        string[] files = [.. Pictures.Of("cup", 0, 2), .. Pictures.Of("chair", 0, 6), .. Pictures.Of("airplanes", 0, 6)];
        foreach (var file in files)
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)), overwrite: true);
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 2));
        await visit.AddClassAsync(Odd, Pictures.Of("chair", 0, 2));
        await visit.AddClassAsync(WithEquals, Pictures.Of("airplanes", 0, 2));
        await visit.QueryInput().SetInputFilesAsync([.. Pictures.Of("chair", 5, 1), .. Pictures.Of("airplanes", 5, 1)]);
        await visit.ClassifyAsync();
        Assert.Equal([Odd, WithEquals], await visit.VerdictsAsync());
        await visit.Button("As code…").ClickAsync();
        Assert.Equal([Odd, WithEquals], await ProgramLabelsAsync(visit, language));
        await visit.Button("Close").ClickAsync();

        await visit.Button("Store as a task…").ClickAsync();
        await visit.Button("Store").ClickAsync();
        await visit.SeesInStatusAsync("Stored as");
        await visit.ClassifyAsync();
        Assert.Equal([Odd, WithEquals], await visit.VerdictsAsync());
        await visit.Button("As code…").ClickAsync();
        Assert.Equal([Odd, WithEquals], await ProgramLabelsAsync(visit, language));
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task That_curl_cannot_send_a_class_of_a_name_is_said_where_curl_is_chosen(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 1));
        await visit.AddClassAsync(WithEquals, Pictures.Of("airplanes", 0, 1));
        await visit.QueryInput().SetInputFilesAsync(Pictures.Of("airplanes", 5, 1));
        await visit.Button("As code…").ClickAsync();
        var sentence = visit.Text($"curl cannot send a class with “=” in its name (“{WithEquals}”); Python and C# can.");
        await visit.SeesAsync(sentence);
        await visit.LookAsync("code-unnameable");

        await visit.Button("Python").ClickAsync();
        Assert.False(await sentence.IsVisibleAsync());
        await visit.Button("curl").ClickAsync();
        Assert.True(await sentence.IsVisibleAsync());
        await visit.Button("C#").ClickAsync();
        Assert.False(await sentence.IsVisibleAsync());
        await visit.Button("Close").ClickAsync();

        // A stored task has its classes already.
        await visit.Button("Store as a task…").ClickAsync();
        await visit.Button("Store").ClickAsync();
        await visit.SeesInStatusAsync("Stored as");
        await visit.Button("As code…").ClickAsync();
        Assert.Equal(0, await visit.Text("curl cannot send").And(visit.Page.Locator(":visible")).CountAsync());
    }

    [Fact]
    public async Task The_command_of_an_own_episode_and_that_of_a_stored_task_run_in_the_folder_of_the_files()
    {
        string[] files = [.. Pictures.Of("cup", 0, 5), .. Pictures.Of("chair", 0, 6)];
        foreach (var file in files)
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)), overwrite: true);
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 2));
        await visit.AddClassAsync(Odd, Pictures.Of("chair", 0, 2));
        await visit.QueryInput().SetInputFilesAsync(Pictures.Of("chair", 5, 1));
        await visit.Page.GetByLabel("Adapter").SelectOptionAsync("none");
        await visit.Button("As code…").ClickAsync();
        var command = await visit.Page.GetByLabel("Code", Exact).InputValueAsync();
        Assert.Contains("-F 'metaLora=none'", command, StringComparison.Ordinal);
        Assert.Equal([Odd], await LabelsAsync(command));
        await visit.Button("Close").ClickAsync();

        await visit.Button("Store as a task…").ClickAsync();
        await visit.Button("Store").ClickAsync();
        await visit.SeesInStatusAsync("Stored as");
        await visit.Button("As code…").ClickAsync();
        command = await visit.Page.GetByLabel("Code", Exact).InputValueAsync();
        Assert.Contains("/tasks/", command, StringComparison.Ordinal);
        Assert.DoesNotContain("support[", command, StringComparison.Ordinal);
        Assert.Equal([Odd], await LabelsAsync(command));
    }

    [Theory, InlineData("/classify"), InlineData("/tasks")]
    public async Task The_form_of_the_api_documentation_runs_with_the_values_that_it_begins_with(string path)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        using var document = JsonDocument.Parse(
            await http.GetStringAsync(new Uri("swagger/v1/swagger.json", UriKind.Relative), TestContext.Current.CancellationToken)
        );
        var fields = document
            .RootElement.GetProperty("paths")
            .GetProperty(path)
            .GetProperty("post")
            .GetProperty("requestBody")
            .GetProperty("content")
            .GetProperty("multipart/form-data")
            .GetProperty("schema")
            .GetProperty("properties");
        using var form = new MultipartFormDataContent();
        foreach (var field in fields.EnumerateObject())
            if (field.Value.GetProperty("type").GetString() == "array")
                form.Add(new ByteArrayContent(PictureFor(field.Name)), field.Name, "picture.jpg");
            else
                form.Add(new StringContent(field.Value.GetProperty("default").GetString()!), field.Name);
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static byte[] PictureFor(string field) =>
        File.ReadAllBytes(Pictures.Of(field.Contains("chair", StringComparison.Ordinal) ? "chair" : "cup", 0, 1)[0]);

    /// <summary>The labels that a command's answer has, run in a folder as somebody would who pastes it.</summary>
    private async Task<IEnumerable<string>> LabelsAsync(string command)
    {
        using var process = Process.Start(
            new ProcessStartInfo("bash", ["-c", command]) { WorkingDirectory = _folder, RedirectStandardOutput = true }
        )!;
        var answer = JsonNode.Parse(await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken))!;
        return answer["predictions"]!.AsArray().Select(one => (string)one!["label"]!);
    }

    private static void RequireLanguage(string language)
    {
        if (language == "Python")
            Python.Require();
    }

    /// <summary>The labels that the program of the dialog prints, run as it was copied, in the folder of the files.</summary>
    private async Task<IEnumerable<string>> ProgramLabelsAsync(Visit visit, string language)
    {
        await visit.Button(language).ClickAsync();
        var code = await visit.Page.GetByLabel("Code", Exact).InputValueAsync();
        var program = Path.Combine(_folder, language == "Python" ? "copied.py" : "copied.cs");
        // What a project would have beside the program.
        var client = Repository.PathOf("src", "LoraRecycle.Client", "LoraRecycle.Client.csproj");
        var beside = language == "Python" ? "" : $"#:project {client}\n#:property PublishAot=false\n";
        await File.WriteAllTextAsync(program, beside + code, TestContext.Current.CancellationToken);
        var output = language == "Python"
            ? await Python.RunAsync([], [program], _folder)
            : await DotnetCommand.RunAsync([], ["run", "-c", DotnetCommand.Configuration, program], _folder);
        return output.TrimEnd().Split('\n').Select(line => PrintedLabel().Match(line).Groups[1].Value);
    }

    /// <summary>A label and how probable it is: 0.91 in Python, 91 % in C#, with or without a space.</summary>
    [GeneratedRegex(@"^(.*) (?:[01]\.\d+|\d+\s?%)$")]
    private static partial Regex PrintedLabel();
}
