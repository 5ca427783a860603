using LoraRecycle.Service.Platform.Storage;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Serving.ActiveAdapter;

/// <summary>
/// What was activated last, in the database, where restarts find it and processes that share the database agree on it.
/// Without a data directory and on no server of databases it is kept nowhere.
/// </summary>
internal sealed class ActivationStore(
    SettingStore settings,
    StateDatabase database,
    IOptions<StateOptions> state,
    IOptions<StorageOptions> storage
)
{
    private const string Key = "meta-loras.active";

    private bool IsKept => state.Value.Provider != StateOptions.Sqlite || Directory.Exists(storage.Value.FullPath);

    /// <returns>Null when nothing was ever activated, or it is kept nowhere.</returns>
    public async Task<Activation?> FindAsync(CancellationToken cancellation) =>
        IsKept && database.IsThere && await settings.FindAsync(Key, cancellation) is { } setting
            ? new Activation(setting.Value, setting.Version)
            : null;

    /// <returns>Its version; 0 when it is kept nowhere.</returns>
    public async Task<long> KeepAsync(string id, CancellationToken cancellation) =>
        IsKept ? (await settings.SetAsync(Key, id, cancellation)).Version : 0;
}

/// <summary>An activation that is kept.</summary>
/// <param name="Id">Of the meta-LoRA, or <c>none</c>.</param>
/// <param name="Version">Grows with each.</param>
internal sealed record Activation(string Id, long Version);
