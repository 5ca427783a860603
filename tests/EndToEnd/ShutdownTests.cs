namespace LoraRecycle.EndToEnd;

public sealed class ShutdownTests(ServedProcess server) : IClassFixture<ServedProcess>
{
    [Fact]
    public async Task A_polite_signal_ends_the_server_without_error() => Assert.Equal(0, await server.TerminateAsync());
}
