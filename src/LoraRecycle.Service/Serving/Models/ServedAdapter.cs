namespace LoraRecycle.Service.Serving.Models;

/// <summary>What is merged into the foundation model that answers: a meta-LoRA of a certain content, or nothing.</summary>
/// <param name="Id">The id of the meta-LoRA; what an answer calls it.</param>
/// <param name="Revision">SHA-256 over its files, in hex: equal revisions have equal effects.</param>
/// <param name="Directory">Where its files are.</param>
public sealed record ServedAdapter(string Id, string Revision, string Directory)
{
    /// <summary>The bare foundation model.</summary>
    public static ServedAdapter None { get; } = new("none", "", "");
}
