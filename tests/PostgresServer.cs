using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace LoraRecycle.Tests;

/// <summary>
/// A real PostgreSQL for the tests of one assembly, on a free port of the loopback device, with its data in a folder that goes
/// with it. The binaries are Debian's (<c>apt install postgresql</c>), or those in <c>POSTGRES_BIN</c>. PostgreSQL refuses to
/// run as root, so there it runs as the user <c>postgres</c>.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Password = "of-the-tests";

    // Ends with its standard input, so that it does not outlive a test run that is killed.
    private const string UntilInputEnds = "\"$@\" & server=$!; read _; kill -INT $server; wait $server";

    private readonly string _binaries = FindBinaries();
    private string _folder = "";
    private int _port;
    private Process? _server;
    private int _databases;

    public async ValueTask InitializeAsync()
    {
        _folder = (await RunAsync("mktemp", "-d", Path.Combine(Path.GetTempPath(), "lora-recycle-postgres-XXXXXX"))).Trim();
        await RunAsync(
            "sh",
            "-c",
            $"echo {Password} > {_folder}/password && exec {_binaries}/initdb -D {_folder}/data -U tests -A scram-sha-256 --pwfile "
                + $"{_folder}/password --no-sync -E UTF8 --locale=C"
        );
        _port = FreePort();
        _server = Start([
            "sh",
            "-c",
            UntilInputEnds,
            "sh",
            $"{_binaries}/postgres",
            "-D",
            $"{_folder}/data",
            "-k",
            _folder,
            "-h",
            "127.0.0.1",
            "-p",
            $"{_port}",
            "-c",
            "fsync=off",
            "-c",
            "max_connections=200",
        ]);
        await WaitUntilReadyAsync();
    }

    /// <summary>The connection string of a database that nobody else uses, empty.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"tests_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is not null)
        {
            _server.StandardInput.Close();
            await _server.WaitForExitAsync();
            _server.Dispose();
        }
        if (_folder.Length > 0)
            await RunAsync("rm", "-rf", _folder);
    }

    private string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Database={database};Username=tests;Password={Password};Include Error Detail=true";

    private async Task WaitUntilReadyAsync()
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (waited.Elapsed < TimeSpan.FromMinutes(1) && !_server!.HasExited)
            {
                // It is still starting.
            }
        }
    }

    private static string FindBinaries()
    {
        if (Environment.GetEnvironmentVariable("POSTGRES_BIN") is { Length: > 0 } named)
            return named;
        string[] debian = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        return debian
                .Select(version => Path.Combine(version, "bin"))
                .Where(folder => File.Exists(Path.Combine(folder, "initdb")))
                .Max(StringComparer.Ordinal)
            ?? throw new DirectoryNotFoundException(
                "Expected PostgreSQL's server in /usr/lib/postgresql; there is none. Run: apt install postgresql, or set POSTGRES_BIN "
                    + "to the folder with initdb and postgres."
            );
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<string> RunAsync(params string[] command)
    {
        using var process = Start(command);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {await errors}");
    }

    private static Process Start(string[] command)
    {
        string[] all = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", .. command] : command;
        var process = Process.Start(new ProcessStartInfo(all[0], all[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(), // where every user may be
        })!;
        return process;
    }
}
