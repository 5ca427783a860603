namespace LoraRecycle.Service.Serving.Models;

/// <summary>What the foundation model wears to answer: a meta-LoRA of a certain content, or nothing.</summary>
/// <param name="Id">The id of the meta-LoRA; what an answer calls it.</param>
/// <param name="Revision">SHA-256 over its files, in hex: equal revisions have equal effects.</param>
/// <param name="Directory">Where its files are.</param>
public sealed record Wearing(string Id, string Revision, string Directory)
{
    /// <summary>The bare foundation model.</summary>
    public static Wearing None { get; } = new("none", "", "");
}
