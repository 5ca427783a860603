namespace LoraRecycle.Service.Platform.Http.Errors;

/// <summary>Ends a request with a problem.</summary>
/// <param name="kind">Which one.</param>
/// <param name="detail">What was expected, what came, what to do; shown to the client.</param>
/// <param name="field">The part of the request at fault, as the client wrote it: <c>support[1].images[0]</c>.</param>
/// <param name="cause">What lies behind it; logged with server errors, never shown.</param>
public sealed class ProblemException(ProblemKind kind, string detail, string? field = null, Exception? cause = null)
    : Exception(detail, cause)
{
    public ProblemKind Kind { get; } = kind;

    public string? Field { get; } = field;

    /// <summary>Headers that the answer has besides.</summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>();
}
