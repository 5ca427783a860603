namespace LoraRecycle.Service.Platform.Security;

/// <summary>The keys file cannot be read, or what is asked of it cannot be done.</summary>
public sealed class ApiKeyException(string message, Exception? inner = null) : Exception(message, inner);
