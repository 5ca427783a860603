namespace LoraRecycle.Client.Contracts;

/// <summary>The limits of one request.</summary>
/// <param name="RequestBytes">Bytes of the body, both as sent and after decompression.</param>
/// <param name="ImageBytes">Bytes of one encoded image.</param>
/// <param name="PixelsPerImage">Pixels of one image.</param>
/// <param name="ImagesPerRequest">Number of images, support and queries together.</param>
/// <param name="Ways">Number of classes.</param>
/// <param name="LabelLength">Characters of a label.</param>
public sealed record LimitsResponse(
    long RequestBytes,
    long ImageBytes,
    long PixelsPerImage,
    int ImagesPerRequest,
    int Ways,
    int LabelLength
);

/// <summary>The state of the server.</summary>
/// <param name="Status">"Healthy", "Degraded" or "Unhealthy".</param>
/// <param name="Checks">The result of each check: the model, and each device by name.</param>
public sealed record HealthResponse(string Status, IReadOnlyDictionary<string, string> Checks);

/// <summary>The last errors of this process.</summary>
/// <param name="Since">When recording began: the start of the process.</param>
/// <param name="Errors">At most 50 errors, latest first.</param>
public sealed record ServerErrorsResponse(DateTimeOffset Since, IReadOnlyList<ServerError> Errors);

/// <summary>An error of the server.</summary>
/// <param name="Time">When it happened; for repeats in a row, the latest time.</param>
/// <param name="Times">How often it happened in a row.</param>
/// <param name="Message">Its line in the log, shortened when long.</param>
/// <param name="Exception">The type of the exception behind it, or null. Only the log has the exception's message.</param>
/// <param name="Request">The method and route of the request; null for background work.</param>
/// <param name="RequestId">The id of that request, to find it in the log.</param>
public sealed record ServerError(
    DateTimeOffset Time,
    int Times,
    string Message,
    string? Exception,
    string? Request,
    string? RequestId
);
