using LoraRecycle.Tests;
using Microsoft.Data.Sqlite;

namespace LoraRecycle.EndToEnd;

/// <summary>A server that starts and finds that it has nothing to serve.</summary>
public sealed class StartTests : IDisposable
{
    private const int BadInput = 2;
    private const int LacksSomething = 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lora-recycle-start-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_damaged_active_meta_lora_ends_it_and_says_what_is_wrong_and_what_to_do()
    {
        var damaged = Directory.CreateDirectory(Path.Combine(_folder.FullName, "default")).FullName;
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("models", "meta-loras", "default"), "adapter_*"))
            File.Copy(file, Path.Combine(damaged, Path.GetFileName(file)));
        using (var tensors = File.OpenWrite(Path.Combine(damaged, "adapter_model.safetensors")))
            tensors.SetLength(tensors.Length / 2);

        var (code, output, _) = await CommandLineProcess.RunAsync(
            CommandLineProcess.Program,
            "serve",
            "--url=http://127.0.0.1:0",
            $"--Models:MetaLoras={_folder.FullName}"
        );

        Assert.Equal(LacksSomething, code);
        Assert.Contains("The meta-LoRA in", output, StringComparison.Ordinal);
        Assert.Contains("adapter_model.safetensors", output, StringComparison.Ordinal);
        Assert.Contains("Models:MetaLora=none serves the bare model.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_looks_at_adapters_before_the_model_is_loaded_is_answered_and_the_server_serves()
    {
        var answer = "";
        await using var server = await ServedProcess.StartAsync(
            async address =>
            {
                using var http = new HttpClient { BaseAddress = address };
                answer = await http.GetStringAsync(new Uri("/meta-loras", UriKind.Relative), TestContext.Current.CancellationToken);
            },
            $"--Storage:Directory={_folder.FullName}",
            "--Serving:Device=cpu"
        );

        Assert.Contains("\"status\":\"ready\"", answer, StringComparison.Ordinal);
        Assert.False(server.HasExited, server.Output);
        Assert.Equal(0, await server.TerminateAsync());
    }

    [Fact]
    public async Task A_damaged_model_ends_it_and_says_what_is_wrong()
    {
        TinyModel.Write(Path.Combine(_folder.FullName, "tiny"));
        File.WriteAllText(Path.Combine(_folder.FullName, "tiny", "model.safetensors"), "no tensors");

        var (code, output, _) = await CommandLineProcess.RunAsync(
            CommandLineProcess.Program,
            "serve",
            "--url=http://127.0.0.1:0",
            $"--Models:Directory={_folder.FullName}",
            "--Models:Default=tiny"
        );

        Assert.Equal(BadInput, code);
        Assert.Contains("No model to serve; the server stops", output, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_ends_it_and_is_not_changed()
    {
        var file = Path.Combine(_folder.FullName, "state.db");
        const string Migrations = "SELECT group_concat(\"MigrationId\") FROM \"__EFMigrationsHistory\"";
        Sql(
            file,
            "CREATE TABLE \"__EFMigrationsHistory\" (\"MigrationId\" TEXT PRIMARY KEY, \"ProductVersion\" TEXT NOT NULL); INSERT INTO "
                + "\"__EFMigrationsHistory\" VALUES ('99990101000000_FromTheFuture', '99.0')"
        );

        var (code, output, _) = await CommandLineProcess.RunAsync(
            CommandLineProcess.Program,
            "serve",
            "--url=http://127.0.0.1:0",
            $"--Storage:Directory={_folder.FullName}"
        );

        Assert.Equal(LacksSomething, code);
        Assert.Contains("99990101000000_FromTheFuture", output, StringComparison.Ordinal);
        Assert.Contains("Run the newer version, or give this one another database", output, StringComparison.Ordinal);
        Assert.Equal("99990101000000_FromTheFuture", Sql(file, Migrations));
    }

    private static object? Sql(string file, string text)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
