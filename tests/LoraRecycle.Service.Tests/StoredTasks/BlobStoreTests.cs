using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Tests.State;
using LoraRecycle.Tests;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Tests.StoredTasks;

/// <summary>The files of images: nothing needed goes, nothing unneeded stays, whoever is at work and whenever somebody dies.</summary>
public sealed class BlobStoreTests(PostgresServer postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>What another process would have: nothing but the directory and the database is shared.</summary>
    private sealed class Process : IDisposable
    {
        private readonly StateDatabase _database;

        public Process(TestDatabase test)
        {
            _database = test.Open();
            Blobs = new BlobStore(Options.Create(new StorageOptions { Directory = test.Folder }), _database);
            Tasks = new TaskStore(_database, Blobs, Options.Create(new TaskOptions()));
        }

        public BlobStore Blobs { get; }

        public TaskStore Tasks { get; }

        public async Task<string> AddAsync(params byte[][] images)
        {
            using var intake = Blobs.Receive();
            var id = Guid.CreateVersion7().ToString("N");
            var task = new StoredTask { Id = id, MetaLora = "none", ModelRevision = "", AdapterId = "none", AdapterRevision = "" };
            foreach (var image in images)
                task.Support.Add(
                    new StoredImage
                    {
                        TaskId = id,
                        Number = task.NextImage++,
                        Label = "a",
                        Content = intake.Add(image),
                        Bytes = image.Length,
                        Embedding = [],
                    }
                );
            await Tasks.AddAsync(task, intake, Cancellation);
            return id;
        }

        public async Task<string[]> NeededAsync()
        {
            await using var context = await _database.OpenAsync(Cancellation);
            return await context.Set<StoredImage>().Select(image => image.Content).Distinct().ToArrayAsync(Cancellation);
        }

        public async Task<int> RowsAsync()
        {
            await using var context = await _database.OpenAsync(Cancellation);
            return await context.Set<StoredBlob>().CountAsync(Cancellation);
        }

        public void Dispose() => _database.Dispose();
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Images_for_a_task_that_was_deleted_since_it_was_read_are_not_stored_and_leave_nothing(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        using var process = new Process(test);
        var id = await process.AddAsync([1, 2, 3]);
        var read = await process.Tasks.FindAsync(id, Cancellation);
        Assert.True(await process.Tasks.DeleteAsync(id, version: null, Cancellation));

        using var intake = process.Blobs.Receive();
        var added = new StoredImage { TaskId = id, Number = 2, Label = "b", Content = intake.Add([4, 5]), Bytes = 2, Embedding = [] };
        Assert.False(await process.Tasks.ChangeAsync(read!, task => task.Support.Add(added), intake, Cancellation));

        Assert.Null(await process.Tasks.FindAsync(id, Cancellation));
        await FilesAreThoseNeededAsync(test, process);
    }

    private static async Task FilesAreThoseNeededAsync(TestDatabase test, Process process) =>
        Assert.Equal(
            (await process.NeededAsync()).Order(StringComparer.Ordinal),
            StoredTaskTests.Blobs(test).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task Processes_that_add_drop_and_sweep_the_same_contents_at_once_leave_what_is_needed(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        var processes = Enumerable.Range(0, 4).Select(_ => new Process(test)).ToArray();
        byte[][] contents = [[1], [2], [3], [4]];
        await Task.WhenAll(processes.Select((process, seed) => Task.Run(async () =>
        {
            var random = new Random(seed);
            var mine = new List<string>();
            for (var step = 0; step < 25; step++)
            {
                if (mine.Count < 2 || random.Next(2) == 0)
                    mine.Add(await process.AddAsync(contents[random.Next(4)], contents[random.Next(4)]));
                else if (random.Next(4) == 0)
                    await process.Blobs.SweepAsync(Cancellation);
                else
                {
                    var gone = mine[random.Next(mine.Count)];
                    var task = (await process.Tasks.FindAsync(gone, Cancellation))!;
                    if (random.Next(2) == 0)
                        Assert.True(await process.Tasks.ChangeAsync(task, read => read.Support.RemoveAt(0), intake: null, Cancellation));
                    else if (mine.Remove(gone))
                        Assert.True(await process.Tasks.DeleteAsync(gone, version: null, Cancellation));
                    if (mine.Contains(gone) && task.Support.Count == 0)
                    {
                        mine.Remove(gone);
                        await process.Tasks.DeleteAsync(gone, version: null, Cancellation);
                    }
                }
            }
        }, Cancellation)));

        await FilesAreThoseNeededAsync(test, processes[0]);
        Assert.Equal((await processes[0].NeededAsync()).Length, await processes[0].RowsAsync());
        Array.ForEach(processes, process => process.Dispose());
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgresql")]
    public async Task What_a_process_that_died_left_is_swept_and_what_a_living_one_writes_is_not(string provider)
    {
        using var test = await TestDatabase.CreateAsync(provider, postgres);
        using var process = new Process(test);
        await process.AddAsync([1], [2]);
        // Died before its row was committed; and while it received.
        var orphan = Path.Combine(test.Folder, "blobs", "ab", new string('a', 1) + "b" + new string('c', 62));
        Directory.CreateDirectory(Path.GetDirectoryName(orphan)!);
        await File.WriteAllBytesAsync(orphan, [9], Cancellation);
        var half = Path.Combine(test.Folder, "incoming", Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(half);
        await File.WriteAllBytesAsync(Path.Combine(half, "x"), [9], Cancellation);
        using var alive = process.Blobs.Receive();
        alive.Add([7]);
        using var next = new Process(test);
        await next.Blobs.SweepAsync(Cancellation);

        await FilesAreThoseNeededAsync(test, next);
        Assert.False(Directory.Exists(half));
        Assert.Single(Directory.GetDirectories(Path.Combine(test.Folder, "incoming")));
    }

    [Fact]
    public async Task A_task_that_is_not_stored_after_all_leaves_no_files()
    {
        using var test = await TestDatabase.CreateAsync("sqlite", postgres);
        using var process = new Process(test);
        await process.AddAsync([1]);
        using var full = new BlobStoreUser(test);
        await Assert.ThrowsAsync<ProblemException>(() => full.AddAsync([2]));

        await FilesAreThoseNeededAsync(test, process);
    }

    /// <summary>One that may store no task more.</summary>
    private sealed class BlobStoreUser(TestDatabase test) : IDisposable
    {
        private readonly StateDatabase _database = test.Open();

        public async Task AddAsync(byte[] image)
        {
            var blobs = new BlobStore(Options.Create(new StorageOptions { Directory = test.Folder }), _database);
            using var intake = blobs.Receive();
            var task = new StoredTask
            {
                Id = Guid.CreateVersion7().ToString("N"),
                MetaLora = "none",
                ModelRevision = "",
                AdapterId = "none",
                AdapterRevision = "",
            };
            task.Support.Add(
                new StoredImage
                {
                    TaskId = task.Id,
                    Number = 1,
                    Label = "a",
                    Content = intake.Add(image),
                    Bytes = 1,
                    Embedding = [],
                }
            );
            await new TaskStore(_database, blobs, Options.Create(new TaskOptions { Count = 1 })).AddAsync(task, intake, Cancellation);
        }

        public void Dispose() => _database.Dispose();
    }
}
