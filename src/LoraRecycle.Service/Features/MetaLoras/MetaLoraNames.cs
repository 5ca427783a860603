using System.Buffers;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>What meta-LoRAs may be called, and what two names mean that are no ids.</summary>
internal static class MetaLoraNames
{
    /// <summary>In a request, the active one. A meta-LoRA may have it as its id, and is then the one that is active at the start.</summary>
    public const string Default = "default";

    /// <summary>The last part of the path of the active one, so no id.</summary>
    public const string Active = "active";

    /// <summary>What the writer of PEFT directories calls one that is not complete.</summary>
    private const string Unfinished = ".tmp";

    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>The bare foundation model.</summary>
    public static string None => ServedAdapter.None.Id;

    /// <summary>Whether a folder's name can be an id; folders of other names are passed over.</summary>
    public static bool IsId(string name) =>
        name.Length is > 0 and <= MaxLength && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(Allowed)
        && name != None && name != Active && !name.EndsWith(Unfinished, StringComparison.Ordinal);
}
