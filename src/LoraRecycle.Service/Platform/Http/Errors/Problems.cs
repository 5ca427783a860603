namespace LoraRecycle.Service.Platform.Http.Errors;

/// <summary>
/// The errors that are no feature's own. 400: the body cannot be parsed. 409: what is there does not allow it now. 412: it was changed
/// in between. 413: more than a limit
/// allows. 415: a format that is not accepted. 422: parsed, but not an episode that can be classified, or no usable LoRA.
/// </summary>
public static class Problems
{
    public static readonly ProblemKind MalformedJson = new("malformed-json", 400, "The body is not valid JSON.");
    public static readonly ProblemKind MalformedMultipart = new("malformed-multipart", 400, "The body is not a valid multipart form.");
    public static readonly ProblemKind MalformedCompression = new("malformed-compression", 400, "The body cannot be decompressed.");
    public static readonly ProblemKind MalformedRequest = new("malformed-request", 400, "The request is not valid HTTP.");
    public static readonly ProblemKind ForeignHost = new("foreign-host", 400, "The server does not answer to this host name.");
    public static readonly ProblemKind Unauthorized = new("unauthorized", 401, "A valid API key is required.");
    public static readonly ProblemKind Forbidden = new("forbidden", 403, "The key does not allow this.");
    public static readonly ProblemKind ForeignOrigin = new("foreign-origin", 403, "The request comes from a page of another origin.");
    public static readonly ProblemKind NotFound = new("not-found", 404, "Nothing exists at this path.");
    public static readonly ProblemKind MetaLoraNotFound = new("meta-lora-not-found", 404, "No such meta-LoRA.");
    public static readonly ProblemKind MethodNotAllowed = new("method-not-allowed", 405, "This path does not support this method.");
    public static readonly ProblemKind PreconditionFailed = new(
        "precondition-failed",
        412,
        "What is there is not what the request expects."
    );

    public static readonly ProblemKind RequestTimeout = new("request-timeout", 408, "The body arrived too slowly.");

    public static readonly ProblemKind BodyTooLarge = new("body-too-large", 413, "The body is too large.");
    public static readonly ProblemKind ImageFileTooLarge = new("image-file-too-large", 413, "An encoded image is too large.");
    public static readonly ProblemKind ImageTooLarge = new("image-too-large", 413, "An image has too many pixels.");
    public static readonly ProblemKind ImageTooCostly = new("image-too-costly", 413, "An image takes too long to decode.");
    public static readonly ProblemKind TooManyImages = new("too-many-images", 413, "The episode has too many images.");
    public static readonly ProblemKind TooManyClasses = new("too-many-classes", 413, "The episode has too many classes.");

    public static readonly ProblemKind UnsupportedContentType = new("unsupported-content-type", 415, "The content type is not supported.");
    public static readonly ProblemKind UnsupportedContentEncoding = new(
        "unsupported-content-encoding",
        415,
        "The content encoding is not supported."
    );
    public static readonly ProblemKind UnsupportedImageFormat = new(
        "unsupported-image-format",
        415,
        "The file is not an image in a supported format."
    );

    public static readonly ProblemKind EmptyLabel = new("empty-label", 422, "A class has no label.");
    public static readonly ProblemKind LabelTooLong = new("label-too-long", 422, "A label is too long.");
    public static readonly ProblemKind InvalidLabel = new("invalid-label", 422, "A label has a character that no label may have.");
    public static readonly ProblemKind TooFewClasses = new("too-few-classes", 422, "The episode has too few classes.");
    public static readonly ProblemKind NoImages = new("no-images", 422, "A class has no images.");
    public static readonly ProblemKind NoQuery = new("no-query", 422, "The episode has no query.");
    public static readonly ProblemKind EmptyImage = new("empty-image", 422, "An image has no bytes.");
    public static readonly ProblemKind InvalidBase64 = new("invalid-base64", 422, "An image is not valid base64.");
    public static readonly ProblemKind RemoteImage = new("remote-image", 422, "An image is a URL; the server never fetches URLs.");
    public static readonly ProblemKind DamagedImage = new("damaged-image", 422, "An image is damaged.");
    public static readonly ProblemKind UnknownMetaLora = new("unknown-meta-lora", 422, "No such meta-LoRA.");
    public static readonly ProblemKind UnusableMetaLora = new("unusable-meta-lora", 422, "The meta-LoRA cannot be used.");
    public static readonly ProblemKind UnknownField = new("unknown-field", 422, "The request has an unknown field.");
    public static readonly ProblemKind WrongType = new("wrong-type", 422, "A field has the wrong type.");

    public static readonly ProblemKind InvalidReject = new("invalid-reject", 422, "The rejection rate is not valid.");

    public static readonly ProblemKind TooManyRequests = new("too-many-requests", 429, "Too many requests.");

    public static readonly ProblemKind ModelFailure = new("model-failure", 500, "The model failed.");
    public static readonly ProblemKind InternalError = new("internal-error", 500, "The server failed.");
    public static readonly ProblemKind QueueFull = new("queue-full", 503, "The server is busy.");
    public static readonly ProblemKind OutOfMemory = new("out-of-memory", 503, "The device is out of memory.") { IsFault = true };
    public static readonly ProblemKind ModelUnavailable = new("model-unavailable", 503, "The model is not available.");
    public static readonly ProblemKind MetaLoraUnavailable = new("meta-lora-unavailable", 503, "The meta-LoRA is not available.")
    {
        IsFault = true,
    };
    public static readonly ProblemKind KeysUnavailable = new("keys-unavailable", 503, "The server cannot read its API keys.")
    {
        IsFault = true,
    };

    /// <summary>All that are no feature's own.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        MalformedJson,
        MalformedMultipart,
        MalformedCompression,
        MalformedRequest,
        ForeignHost,
        Unauthorized,
        Forbidden,
        ForeignOrigin,
        NotFound,
        MetaLoraNotFound,
        MethodNotAllowed,
        RequestTimeout,
        PreconditionFailed,
        BodyTooLarge,
        ImageFileTooLarge,
        ImageTooLarge,
        ImageTooCostly,
        TooManyImages,
        TooManyClasses,
        UnsupportedContentType,
        UnsupportedContentEncoding,
        UnsupportedImageFormat,
        EmptyLabel,
        LabelTooLong,
        InvalidLabel,
        TooFewClasses,
        NoImages,
        NoQuery,
        EmptyImage,
        InvalidBase64,
        RemoteImage,
        DamagedImage,
        UnknownMetaLora,
        UnusableMetaLora,
        UnknownField,
        WrongType,
        InvalidReject,
        TooManyRequests,
        ModelFailure,
        InternalError,
        QueueFull,
        OutOfMemory,
        ModelUnavailable,
        MetaLoraUnavailable,
        KeysUnavailable,
    ];
}
