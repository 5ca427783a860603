using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>What the service was told and remembers, by key. Processes that share the database share it.</summary>
internal sealed class SettingStore(StateDatabase database)
{
    /// <returns>Null when the key was never set.</returns>
    public async Task<Setting?> FindAsync(string key, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        return await context.Set<Setting>().AsNoTracking().SingleOrDefaultAsync(setting => setting.Key == key, cancellation);
    }

    /// <summary>Sets a value; of those who do so at once, the last one stays, and each has a version of its own.</summary>
    public async Task<Setting> SetAsync(string key, string value, CancellationToken cancellation)
    {
        while (true)
        {
            await using var context = await database.OpenAsync(cancellation);
            var setting = await context.Set<Setting>().SingleOrDefaultAsync(setting => setting.Key == key, cancellation);
            if (setting is null)
                context.Add(setting = new Setting { Key = key, Value = value });
            setting.Value = value;
            setting.Version++;
            try
            {
                await context.SaveChangesAsync(cancellation);
                return setting;
            }
            catch (DbUpdateException exception) when (exception is DbUpdateConcurrencyException || StateFailures.IsDuplicate(exception))
            {
                // Somebody was faster; look again.
            }
        }
    }
}
