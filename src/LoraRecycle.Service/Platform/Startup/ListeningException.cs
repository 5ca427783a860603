using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace LoraRecycle.Service.Platform.Startup;

/// <summary>The server cannot listen where it should. The message is one line that says what to do.</summary>
public sealed class ListeningException : Exception
{
    private ListeningException(string message, Exception cause)
        : base(message, cause) { }

    /// <summary>Starts a server that was built.</summary>
    /// <exception cref="ListeningException">It cannot listen on one of its addresses.</exception>
    public static async Task StartAsync(WebApplication app, CancellationToken cancellation = default)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (Exception exception) when (ReasonOf(exception) is { } reason)
        {
            var addresses = string.Join(", ", ListeningAddresses.Of(app.Configuration));
            throw new ListeningException($"The server cannot listen on {addresses}: {reason}", exception);
        }
    }

    private static string? ReasonOf(Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is AddressInUseException or SocketException)
                return (cause as SocketException ?? cause.InnerException as SocketException)?.SocketErrorCode switch
                {
                    null or SocketError.AddressAlreadyInUse =>
                        "the address is already in use. Stop the program that listens there, or choose another port, such as "
                            + "--url http://127.0.0.1:8081.",
                    SocketError.AccessDenied =>
                        "this user may not listen there. Choose a port from 1024 on, such as --url http://127.0.0.1:8080.",
                    SocketError.AddressNotAvailable =>
                        "this machine has no such address. Choose one that it has, such as --url http://127.0.0.1:8080.",
                    _ => $"{cause.Message}. Choose another address, such as --url http://127.0.0.1:8080.",
                };
        return null;
    }
}
