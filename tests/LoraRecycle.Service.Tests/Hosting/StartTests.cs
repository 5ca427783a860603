using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LoraRecycle.Service.Host;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Hosting;

public sealed class StartTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_takes_none_of_the_few_file_watches_that_linux_gives_a_user()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux counts them.");
        var before = Watches();
        await using var app = await RunningService.StartAsync();

        Assert.Equal(before, Watches());
    }

    [Fact]
    public async Task Nor_does_one_with_a_certificate_of_its_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux counts them.");
        var folder = Directory.CreateTempSubdirectory("lora-recycle-certificate-").FullName;
        using var key = ECDsa.Create();
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem(), Cancellation);
        var before = Watches();
        await using var app = await RunningService.StartAsync(
            "--urls", "", "--Kestrel:Endpoints:Tls:Url", "https://127.0.0.1:0",
            "--Kestrel:Endpoints:Tls:Certificate:Path", Path.Combine(folder, "cert.pem"),
            "--Kestrel:Endpoints:Tls:Certificate:KeyPath", Path.Combine(folder, "key.pem"));

        Assert.StartsWith("https://127.0.0.1:", app.Urls.Single(), StringComparison.Ordinal);
        Assert.Equal(before, Watches());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_port_in_use_is_a_line_that_says_what_to_do()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        var (output, error) = (Console.Out, Console.Error);
        using var said = new StringWriter();
        using var logged = new StringWriter();
        Console.SetError(said);
        Console.SetOut(logged);
        int code;
        try
        {
            code = await ServiceHost.RunAsync(
                ["--urls", url, "--Models:Directory", TinyModel.Models, "--Models:Default", TinyModel.Name, "--Models:MetaLora", "none"]);
        }
        finally
        {
            Console.SetError(error);
            Console.SetOut(output);
        }

        Assert.Equal(1, code);
        Assert.Contains($"cannot listen on {url}: the address is already in use", Assert.Single(said.ToString().TrimEnd().Split('\n')),
            StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", logged.ToString(), StringComparison.Ordinal);
    }

    private static int Watches() => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos()
        .Count(file => file.LinkTarget is "anon_inode:inotify");
}
