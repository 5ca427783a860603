using System.Net;
using System.Net.Sockets;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Tests.Commands;

public class ServeTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    public async Task A_port_in_use_ends_it_with_a_line_that_says_what_to_do(string host)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://{host}:{((IPEndPoint)taken.LocalEndpoint).Port}";

        (await CommandRun.Of("serve", "--url", url)).AssertRefused(
            ExitCode.Environment,
            $"{url}: the address is already in use. Stop the program that listens there, or choose another port"
        );
    }

    [Fact]
    public async Task An_address_of_another_machine_ends_it_with_a_line_that_says_what_to_do() =>
        (await CommandRun.Of("serve", "--url", "http://192.0.2.1:8080", "--Security:AllowAnonymous=true")).AssertRefused(
            ExitCode.Environment,
            "this machine has no such address"
        );

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
