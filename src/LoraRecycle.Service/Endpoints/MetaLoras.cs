using LoraRecycle.Service.Errors;

namespace LoraRecycle.Service.Endpoints;

/// <summary>Which adapter a request means.</summary>
internal static class MetaLoras
{
    /// <summary>The active one; while none is active, the bare model.</summary>
    public const string Default = "default";

    /// <summary>The bare foundation model.</summary>
    public const string None = "none";

    /// <summary>The id of the adapter that answers.</summary>
    /// <exception cref="ProblemException">There is no such adapter.</exception>
    public static string Resolve(string requested) => requested is Default or None
        ? None
        : throw new ProblemException(Problems.UnknownMetaLora, $"Expected '{Default}' or '{None}'; this server has no other meta-LoRA.", "metaLora");
}
