namespace LoraRecycle.Service.Platform.Security;

/// <summary>What a key may be used for. None includes another.</summary>
public static class ApiScopes
{
    /// <summary>Asking the model: <c>/classify</c>, <c>/models</c>, and stored tasks.</summary>
    public const string Classify = "classify";

    /// <summary>Storing, listing, changing and deleting tasks.</summary>
    public const string Tasks = "tasks";

    /// <summary>The market and what is made of it: reading <c>/meta-loras</c>.</summary>
    public const string Market = "market";

    /// <summary>What changes the answers of others: activating a meta-LoRA, deleting.</summary>
    public const string Admin = "admin";

    public static IReadOnlyList<string> All { get; } = [Classify, Tasks, Market, Admin];
}
