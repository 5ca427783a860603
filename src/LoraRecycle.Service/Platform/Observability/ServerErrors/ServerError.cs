namespace LoraRecycle.Service.Platform.Observability.ServerErrors;

/// <summary>Something that went wrong on the server.</summary>
/// <param name="Time">When; of several in a row that are the same, the last time.</param>
/// <param name="Times">How often in a row.</param>
/// <param name="Message">The line that the log has for it, cut where it is long.</param>
/// <param name="Exception">The type of the exception behind it, or null. What the exception says is in the log alone.</param>
/// <param name="Request">The method and route of the request that met it; null for work that no request waits for.</param>
/// <param name="RequestId">The id of that request, under which the log has more.</param>
public sealed record ServerError(DateTimeOffset Time, int Times, string Message, string? Exception, string? Request, string? RequestId);

/// <summary>The last errors of this process.</summary>
/// <param name="Since">When it began to note them: its start.</param>
/// <param name="Errors">At most 50, the latest first.</param>
public sealed record ServerErrorsResponse(DateTimeOffset Since, IReadOnlyList<ServerError> Errors);
