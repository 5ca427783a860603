using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>The errors of the market alone.</summary>
public static class LoraProblems
{
    public static readonly ProblemKind DamagedZip = new("damaged-zip", 400, "The zip archive cannot be read.");
    public static readonly ProblemKind NotFound = new("lora-not-found", 404, "No such LoRA.");
    public static readonly ProblemKind InUse = new("lora-in-use", 409, "A job uses the LoRA.");
    public static readonly ProblemKind Shipped = new("lora-is-shipped", 409, "The LoRA comes with the server and cannot be deleted.");
    public static readonly ProblemKind ForAnotherModel = new("lora-for-another-model", 409, "The LoRA was made for another model.");
    public static readonly ProblemKind TooLarge = new("lora-too-large", 413, "The files of the LoRA are too large.");
    public static readonly ProblemKind TooManyFiles = new("too-many-files", 413, "The zip archive has too many entries.");
    public static readonly ProblemKind UnexpectedFile = new("unexpected-file", 422, "A file does not belong to a LoRA.");
    public static readonly ProblemKind UnsafeFileName = new("unsafe-file-name", 422, "The name of a file is not safe.");
    public static readonly ProblemKind RepeatedFile = new("repeated-file", 422, "A file occurs twice.");
    public static readonly ProblemKind Incomplete = new("incomplete-lora", 422, "A file of the LoRA is missing.");
    public static readonly ProblemKind Unusable = new("unusable-lora", 422, "The LoRA cannot be used with the current model.");
    public static readonly ProblemKind InvalidName = new("invalid-name", 422, "The name of the LoRA is not valid.");
    public static readonly ProblemKind StorageUnavailable = new(
        "storage-unavailable",
        503,
        "The server cannot store anything at the moment."
    )
    {
        IsFault = true,
    };
    public static readonly ProblemKind QuotaExceeded = new("lora-quota-exceeded", 507, "The server's quota of LoRAs is used up.");

    /// <summary>All of them, by status.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        DamagedZip, NotFound, InUse, Shipped, ForAnotherModel, TooLarge, TooManyFiles,
        UnexpectedFile, UnsafeFileName, RepeatedFile, Incomplete, Unusable, InvalidName, StorageUnavailable, QuotaExceeded,
    ];
}
