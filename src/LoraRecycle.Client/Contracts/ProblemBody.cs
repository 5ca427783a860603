namespace LoraRecycle.Client.Contracts;

/// <summary>Problem details as they are sent.</summary>
internal sealed record ProblemBody
{
    public string? Title { get; init; }

    public string? Detail { get; init; }

    public string? Code { get; init; }

    public string? Field { get; init; }

    public string? RequestId { get; init; }
}
