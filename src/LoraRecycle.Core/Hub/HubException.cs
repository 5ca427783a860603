namespace LoraRecycle.Core.Hub;

/// <summary>What was asked of the Hugging Face Hub is not there, or cannot be used.</summary>
public sealed class HubContentException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What was asked of the Hugging Face Hub could be had, but not on this machine as it is: the network, the token, the terms of a
/// gated repository, the disk.</summary>
public sealed class HubAccessException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the same request may well succeed a little later.</summary>
    internal bool IsTransient { get; init; }

    /// <summary>How long the hub asks to wait before the next request; null where it does not say.</summary>
    internal TimeSpan? RetryAfter { get; init; }
}
