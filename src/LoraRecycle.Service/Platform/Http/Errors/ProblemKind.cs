namespace LoraRecycle.Service.Platform.Http.Errors;

/// <summary>One kind of error that the API answers with, always with the same code, status and title (RFC 9457, section 3.1).</summary>
/// <param name="Code">What a program tells the kind by.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Title">What it means, in a few words.</param>
public sealed record ProblemKind(string Code, int Status, string Title)
{
    /// <summary>Whether something is wrong with the server, so that its log tells of it: every 500, and what says so.</summary>
    public bool IsFault { get; init; } = Status == StatusCodes.Status500InternalServerError;

    /// <summary>The problem's <c>type</c>, a URN that identifies the kind and resolves to nothing.</summary>
    public string Type => $"urn:lora-recycle:problem:{Code}";
}
