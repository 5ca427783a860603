using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>
/// Which LoRAs are in use and may not be deleted, for all processes that share the database, over restarts. Who needs one
/// first says so and looks for it then; who deletes one first says so and looks for others who need it then. Whatever the
/// order, one of the two sees the other.
/// </summary>
internal sealed class LoraLeases(StateDatabase database, TimeProvider time)
{
    /// <summary>After which an announced deletion is that of a process which died: it takes no longer than a rename.</summary>
    private static readonly TimeSpan DeletionTime = TimeSpan.FromMinutes(1);

    /// <summary>The LoRAs that somebody needs.</summary>
    public async Task<IReadOnlySet<string>> HeldAsync(CancellationToken cancellation)
    {
        if (!database.IsThere)
            return new HashSet<string>();
        await using var context = await database.OpenAsync(cancellation);
        return (await Needed(context).Select(lease => lease.Lora).ToListAsync(cancellation)).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Keeps LoRAs from being deleted until <see cref="ReleaseAsync"/>. Several may hold the same one.</summary>
    /// <param name="holder">Who.</param>
    /// <param name="ids">Each once.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Those that somebody is deleting at this moment: to be taken for gone.</returns>
    public async Task<IReadOnlyList<string>> HoldAsync(string holder, IReadOnlyList<string> ids, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        var now = time.GetUtcNow();
        context.AddRange(ids.Select(id => new LoraLease { Lora = id, Holder = holder, Taken = now }));
        await context.SaveChangesAsync(cancellation);
        var recent = now - DeletionTime;
        var deleted = await context
            .Set<LoraLease>()
            .Where(lease => lease.Holder.StartsWith(LoraLease.DeletionPrefix) && lease.Taken > recent)
            .Select(lease => lease.Lora)
            .ToListAsync(cancellation);
        return [.. ids.Intersect(deleted, StringComparer.Ordinal)];
    }

    public async Task ReleaseAsync(string holder, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        await context.Set<LoraLease>().Where(lease => lease.Holder == holder).ExecuteDeleteAsync(cancellation);
    }

    /// <summary>Does what no holder may notice.</summary>
    /// <returns>False, and nothing is done, while somebody holds the LoRA.</returns>
    public async Task<bool> TryUnlessHeldAsync(string id, Action action, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        var deletion = $"{LoraLease.DeletionPrefix}{Guid.NewGuid():N}"[..LoraLease.HolderLength];
        context.Add(new LoraLease { Lora = id, Holder = deletion, Taken = time.GetUtcNow() });
        await context.SaveChangesAsync(cancellation);
        try
        {
            if (await Needed(context).AnyAsync(lease => lease.Lora == id, cancellation))
                return false;
            action();
            return true;
        }
        finally
        {
            await context.Set<LoraLease>().Where(lease => lease.Holder == deletion).ExecuteDeleteAsync(CancellationToken.None);
        }
    }

    private static IQueryable<LoraLease> Needed(StateContext context) =>
        context.Set<LoraLease>().AsNoTracking().Where(lease => !lease.Holder.StartsWith(LoraLease.DeletionPrefix));
}
