using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Platform.Storage.Sequences;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>The rows of tasks, and the files that they need.</summary>
internal sealed class TaskStore(StateDatabase database, BlobStore blobs, IOptions<TaskOptions> options)
{
    /// <summary>Stores a task whose files were received.</summary>
    /// <exception cref="ProblemException">There is no room for it.</exception>
    public async Task AddAsync(StoredTask task, BlobIntake intake, CancellationToken cancellation)
    {
        var unneeded = intake.Names;
        try
        {
            await using var context = await database.OpenAsync(cancellation);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
            await blobs.PlaceAsync(intake, context, cancellation);
            await RequireRoomAsync(context, tasks: 1, task.Bytes, cancellation);
            task.Sequence = await Sequence.NextAsync(StoredTask.SequenceName, context, cancellation);
            context.Add(task);
            await context.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            unneeded = [];
        }
        catch (Exception exception) when (StateFailures.IsUnavailable(exception))
        {
            unneeded = []; // asking the database again would only keep the client waiting
            throw;
        }
        finally
        {
            await TryCollectAsync(unneeded);
        }
    }

    /// <returns>The task with its images in the order of their numbers; null when there is none.</returns>
    public async Task<StoredTask?> FindAsync(string id, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        return await context.Set<StoredTask>().AsNoTracking()
            .Include(task => task.Support.OrderBy(image => image.Number)).SingleOrDefaultAsync(task => task.Id == id, cancellation);
    }

    /// <returns>The revision of the task; null when there is none.</returns>
    public async Task<long?> RevisionAsync(string id, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        return await context
            .Set<StoredTask>()
            .Where(task => task.Id == id)
            .Select(task => (long?)task.Revision)
            .SingleOrDefaultAsync(cancellation);
    }

    /// <param name="after">The place before the first; null to begin.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<IReadOnlyList<StoredTask>> ListAsync(SequencePlace? after, int limit, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        var tasks = context.Set<StoredTask>().AsNoTracking();
        if (after is { Sequence: var sequence, Id: var id })
            tasks = tasks.Where(task =>
                task.Sequence > sequence || (task.Sequence == sequence && string.Compare(task.Id, id) > 0)
            );
        return await tasks.OrderBy(task => task.Sequence).ThenBy(task => task.Id).Take(limit).ToListAsync(cancellation);
    }

    /// <returns>The place of a task; null when there is none.</returns>
    public async Task<SequencePlace?> PlaceAsync(string id, CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        var task = await context.Set<StoredTask>().AsNoTracking().SingleOrDefaultAsync(task => task.Id == id, cancellation);
        return task is null ? null : new SequencePlace(task.Sequence, id);
    }

    public async Task<int> CountAsync(CancellationToken cancellation)
    {
        await using var context = await database.OpenAsync(cancellation);
        return await context.Set<StoredTask>().CountAsync(cancellation);
    }

    /// <returns>How many tasks ask for a meta-LoRA by its id, in words; null for none.</returns>
    public async Task<string?> UseAsync(string metaLora, CancellationToken cancellation)
    {
        // One that is called as the active one is asked for under that name by nobody.
        if (!database.IsThere || metaLora == MetaLoraNames.Default)
            return null;
        await using var context = await database.OpenAsync(cancellation);
        var tasks = await context.Set<StoredTask>().CountAsync(task => task.MetaLora == metaLora, cancellation);
        return tasks switch { 0 => null, 1 => "1 stored task", _ => $"{tasks} stored tasks" };
    }

    /// <summary>Changes a task, unless somebody else did so since it was read.</summary>
    /// <param name="read">The task as it was read, with all its images.</param>
    /// <param name="change">Changes it and its images.</param>
    /// <param name="intake">The files of images that are added; null for none.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>False when somebody else was faster, and nothing was changed.</returns>
    /// <exception cref="ProblemException">There is no room for what was added.</exception>
    public async Task<bool> ChangeAsync(StoredTask read, Action<StoredTask> change, BlobIntake? intake, CancellationToken cancellation)
    {
        var before = read.Support.Select(image => image.Content).ToArray();
        var bytes = read.Bytes;
        var unneeded = intake?.Names ?? [];
        try
        {
            await using var context = await database.OpenAsync(cancellation);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
            if (intake is not null)
                await blobs.PlaceAsync(intake, context, cancellation);
            context.Attach(read);
            change(read);
            read.Revision++;
            if (read.Bytes > bytes)
                await RequireRoomAsync(context, tasks: 0, read.Bytes - bytes, cancellation);
            await context.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            unneeded = before.Except(read.Support.Select(image => image.Content), StringComparer.Ordinal);
            return true;
        }
        catch (DbUpdateException exception)
            when (exception is DbUpdateConcurrencyException || StateFailures.IsDuplicate(exception) || StateFailures.IsOrphan(exception))
        {
            return false;
        }
        catch (Exception exception) when (StateFailures.IsUnavailable(exception))
        {
            unneeded = []; // as above
            throw;
        }
        finally
        {
            await TryCollectAsync(unneeded);
        }
    }

    /// <returns>False when there is none, or it has another version.</returns>
    public async Task<bool> DeleteAsync(string id, long? version, CancellationToken cancellation)
    {
        string[] contents;
        await using (var context = await database.OpenAsync(cancellation))
        {
            await using var transaction = await context.Database.BeginTransactionAsync(cancellation);
            // Locks the row, so that no image comes to it between being listed and being deleted.
            var locked = await context.Set<StoredTask>().Where(task => task.Id == id && (version == null || task.Version == version))
                .ExecuteUpdateAsync(task => task.SetProperty(one => one.Revision, one => one.Revision + 1), cancellation);
            if (locked == 0)
                return false;
            contents = await context
                .Set<StoredImage>()
                .Where(image => image.TaskId == id)
                .Select(image => image.Content)
                .ToArrayAsync(cancellation);
            await context.Set<StoredTask>().Where(task => task.Id == id).ExecuteDeleteAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        await TryCollectAsync(contents);
        return true;
    }

    /// <summary>
    /// Whatever happens here, what was to be done is done or failed already, and the client is told that; the sweep of the
    /// next start finds what is left. Its leaving does not stop it.
    /// </summary>
    private async Task TryCollectAsync(IEnumerable<string> contents)
    {
        try
        {
            await blobs.CollectAsync(contents, CancellationToken.None);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException || StateFailures.IsUnavailable(exception))
        {
            // As above.
        }
    }

    private async Task RequireRoomAsync(StateContext context, int tasks, long bytes, CancellationToken cancellation)
    {
        if (tasks > 0 && await context.Set<StoredTask>().CountAsync(cancellation) + tasks > options.Value.Count)
            throw new ProblemException(
                TaskProblems.TooMany,
                $"This server stores at most {options.Value.Count} tasks (Tasks:Count), and has that many. Delete a task that is no "
                    + "longer needed."
            );
        if (await context.Set<StoredTask>().SumAsync(task => task.Bytes, cancellation) + bytes > options.Value.TotalBytes)
            throw new ProblemException(
                TaskProblems.TooMany,
                $"The images of all tasks may take {options.Value.TotalBytes} bytes (Tasks:TotalBytes); these images would exceed that. "
                    + "Delete a task that is no longer needed."
            );
    }
}
