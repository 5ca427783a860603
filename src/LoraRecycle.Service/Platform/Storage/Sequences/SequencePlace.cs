using System.Globalization;

namespace LoraRecycle.Service.Platform.Storage.Sequences;

/// <summary>A place in a list, which stays good when its row goes: a page begins after it.</summary>
/// <param name="Sequence">The number of the row; 0 of one that a process of an older version made after the migration.</param>
/// <param name="Id">Its id, which orders those of the same number.</param>
internal readonly record struct SequencePlace(long Sequence, string Id)
{
    /// <summary>What a client is given and sends back.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Sequence}.{Id}");

    public static SequencePlace? TryParse(string text) =>
        text.Split('.') is [var number, var id]
        && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
        && IsId(id)
            ? new SequencePlace(sequence, id)
            : null;

    /// <summary>Whether a text can be the id of a row. Older versions gave the last one of a page as the place where the next one
    /// begins.</summary>
    public static bool IsId(string text) => Guid.TryParseExact(text, "N", out _);
}
