namespace LoraRecycle.Client.Http;

/// <summary>The query of a URL.</summary>
internal static class QueryText
{
    /// <summary>Of the parameters those that have a value, with the question mark; empty when none has.</summary>
    public static string Of(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var query = "";
        foreach (var (name, value) in parameters)
            if (value is not null)
                query += $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";
        return query;
    }
}
