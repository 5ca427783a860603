using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Recycling.Settings;

/// <summary>The errors of recycling jobs alone.</summary>
public static class RecycleProblems
{
    public static readonly ProblemKind NotFound = new("job-not-found", 404, "There is no such job.");
    public static readonly ProblemKind ImageNotFound = new("image-not-found", 404, "There is no such image, or none yet.");
    public static readonly ProblemKind NameTaken = new("meta-lora-name-taken", 409, "There is a meta-LoRA of that name, or a job that makes one.");
    public static readonly ProblemKind InvalidMetaLoraName = new("invalid-meta-lora-name", 422, "The name can be no meta-LoRA's.");
    public static readonly ProblemKind NoLoras = new("no-loras", 422, "There is no LoRA to recycle.");
    public static readonly ProblemKind UnknownLora = new("unknown-lora", 422, "There is no such LoRA.");
    public static readonly ProblemKind CannotBeRecycled = new("unrecyclable-lora", 422, "A LoRA cannot be recycled.");
    public static readonly ProblemKind InvalidSetting = new("invalid-setting", 422, "A setting is out of its range.");
    public static readonly ProblemKind UnknownDataSet = new("unknown-data-set", 422, "There is no such data set.");
    public static readonly ProblemKind TooManyJobs = new("too-many-jobs", 503, "There are too many jobs.");

    /// <summary>All of them, by status.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } =
        [NotFound, ImageNotFound, NameTaken, InvalidMetaLoraName, NoLoras, UnknownLora, CannotBeRecycled, InvalidSetting, UnknownDataSet, TooManyJobs];
}
