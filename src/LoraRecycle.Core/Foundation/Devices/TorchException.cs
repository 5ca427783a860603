using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>
/// libtorch refused an operation. The message is libtorch's, with the shapes it names, and without the C++ stack that
/// TorchSharp passes on with it; the .NET stack is that of the call.
/// </summary>
public sealed class TorchException(string message) : ExternalException(message)
{
    private const string StackBegins = "\nException raised from";

    /// <summary>Runs work with tensors, and rethrows what libtorch refuses in readable form.</summary>
    /// <exception cref="TorchException">libtorch refused an operation.</exception>
    public static T Guard<T>(Func<T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            return work();
        }
        catch (ExternalException exception) when (exception is not TorchException)
        {
            throw ExceptionDispatchInfo.SetRemoteStackTrace(new TorchException(Brief(exception.Message)), exception.StackTrace ?? "");
        }
    }

    /// <summary>libtorch's message up to its C++ stack.</summary>
    public static string Brief(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var end = message.IndexOf(StackBegins, StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).Trim();
    }
}
