using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>What the database's failures are to a client.</summary>
public static class StateProblems
{
    public static readonly ProblemKind Unavailable = new("state-unavailable", 503, "The server's database is not available.")
    {
        IsFault = true,
    };

    public static IReadOnlyList<ProblemKind> All { get; } = [Unavailable];

    internal static ProblemException Of(Exception cause) =>
        new(
            Unavailable,
            "The server's database cannot be used at the moment. See this request id in the server's log. Send the request again later.",
            cause: cause
        );
}
