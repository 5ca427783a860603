using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>The errors of deleting a meta-LoRA.</summary>
public static class MetaLoraProblems
{
    public static readonly ProblemKind InUse = new("meta-lora-in-use", 409, "Something uses the meta-LoRA.");
    public static readonly ProblemKind Shipped = new(
        "meta-lora-is-shipped",
        409,
        "The meta-LoRA comes with the server and cannot be deleted."
    );

    /// <summary>All of them, by status.</summary>
    public static IReadOnlyList<ProblemKind> All { get; } = [InUse, Shipped];
}
