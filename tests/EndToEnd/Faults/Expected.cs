namespace LoraRecycle.EndToEnd.Faults;

/// <summary>
/// What must be there after a kill, told from what was answered: what was begun and not answered may have happened or not.
/// </summary>
internal sealed class Expected
{
    private readonly HashSet<string> _there = new(StringComparer.Ordinal);
    private readonly HashSet<string> _undecided = new(StringComparer.Ordinal);
    private bool _unknown;

    /// <summary>What is there for sure.</summary>
    public IReadOnlyCollection<string> There => _there;

    /// <summary>Begins to add or to remove something; until <see cref="Added"/> or <see cref="Removed"/> it may be there or not.</summary>
    public void Begin(string id)
    {
        _there.Remove(id);
        _undecided.Add(id);
    }

    /// <summary>Begins to add something whose id is not known yet.</summary>
    public void BeginUnknown() => _unknown = true;

    /// <summary>Its id is known now.</summary>
    public void EndUnknown() => _unknown = false;

    public void Added(string id)
    {
        _undecided.Remove(id);
        _there.Add(id);
    }

    public void Removed(string id) => _undecided.Remove(id);

    /// <summary>Fails unless what is there is what was answered; and takes what is there for what is expected from now on.</summary>
    public void Settle(IReadOnlyCollection<string> found)
    {
        Assert.All(_there, id => Assert.Contains(id, found));
        string[] more = [.. found.Where(id => !_there.Contains(id) && !_undecided.Contains(id))];
        Assert.True(more.Length <= (_unknown ? 1 : 0), $"{string.Join(", ", more)} is there, although it was removed, or never came.");
        _unknown = false;
        _there.Clear();
        _undecided.Clear();
        _there.UnionWith(found);
    }
}
