namespace LoraRecycle.Service.Features.Recycling.Units;

/// <summary>
/// What the work told, until somebody passes it on: the first report, which says where it went on from, and of those that
/// follow the last, since it tells more often than anybody wants to know.
/// </summary>
internal sealed class LatestProgress
{
    private readonly Lock _gate = new();
    private UnitProgress? _first, _latest;
    private bool _began;

    public void Set(UnitProgress value)
    {
        lock (_gate)
            if (_began)
                _latest = value;
            else
                (_began, _first) = (true, value);
    }

    /// <returns>Null where there is nothing new.</returns>
    public UnitProgress? Take()
    {
        lock (_gate)
        {
            if (_first is { } first)
            {
                _first = null;
                return first;
            }
            var latest = _latest;
            _latest = null;
            return latest;
        }
    }

    /// <summary>Passes on what nobody took.</summary>
    public async Task FlushAsync(UnitClaims claims, UnitClaim claim)
    {
        while (Take() is { } progress)
            await claims.NoteAsync(claim, progress, CancellationToken.None);
    }
}
