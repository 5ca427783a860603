using System.Net;
using System.Net.Sockets;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Tests.Commands;

public class ServeTests
{
    [Fact]
    public async Task A_port_in_use_ends_it_with_a_message()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var run = await CommandRun.Of(
            "serve",
            "--url",
            $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}",
            "--Serilog:MinimumLevel:Default=Fatal"
        );
        Assert.Equal(ExitCode.Environment, run.ExitCode);
        Assert.Contains("already in use", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_cannot_be_ends_it_with_its_name() =>
        (await CommandRun.Of("serve", "--url", "http://127.0.0.1:0", "--Serving:MaxBatch=0")).AssertRefused(
            ExitCode.BadInput,
            "Serving:MaxBatch"
        );

    [Fact]
    public async Task A_meta_lora_that_is_not_there_ends_it_with_its_name() =>
        (await CommandRun.Of("serve", "--url", "http://127.0.0.1:0", "--meta-lora", "no-such")).AssertRefused(
            ExitCode.BadInput,
            "Found 'no-such'."
        );
}
