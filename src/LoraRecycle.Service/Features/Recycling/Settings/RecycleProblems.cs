using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Recycling.Settings;

/// <summary>The errors of recycling jobs alone.</summary>
public static class RecycleProblems
{
    public static readonly ProblemKind NotFound = new("job-not-found", 404, "No such job.");
    public static readonly ProblemKind ImageNotFound = new("image-not-found", 404, "No such image, or not made yet.");
    public static readonly ProblemKind NameTaken = new(
        "meta-lora-name-taken",
        409,
        "A meta-LoRA of that name exists, or a job is making one."
    );
    public static readonly ProblemKind InvalidMetaLoraName = new("invalid-meta-lora-name", 422, "The name is not valid for a meta-LoRA.");
    public static readonly ProblemKind NoLoras = new("no-loras", 422, "No LoRAs to recycle.");
    public static readonly ProblemKind UnknownLora = new("unknown-lora", 422, "No such LoRA.");
    public static readonly ProblemKind CannotBeRecycled = new("unrecyclable-lora", 422, "A LoRA cannot be recycled.");
    public static readonly ProblemKind InvalidSetting = new("invalid-setting", 422, "A setting is out of range.");
    public static readonly ProblemKind UnknownDataSet = new("unknown-data-set", 422, "No such data set.");
    public static readonly ProblemKind TooManyJobs = new("too-many-jobs", 503, "Too many jobs.");

    /// <summary>All of them, by status.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        NotFound,
        ImageNotFound,
        NameTaken,
        InvalidMetaLoraName,
        NoLoras,
        UnknownLora,
        CannotBeRecycled,
        InvalidSetting,
        UnknownDataSet,
        TooManyJobs,
    ];
}
