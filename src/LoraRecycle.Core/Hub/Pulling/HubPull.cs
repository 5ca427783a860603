using LoraRecycle.Core.Foundation.Files;
using LoraRecycle.Core.Hub.Protocol;
using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Hub.Pulling;

/// <summary>Fetches a model or an adapter from a Hugging Face Hub into the cache that Hugging Face's tools share.</summary>
/// <param name="settings">Which hub, and which cache.</param>
/// <param name="clock">Whose time is waited in.</param>
public sealed class HubPull(HubSettings settings, TimeProvider clock)
{
    private const int AtOnce = 4;
    private const int MostShards = 1_000;

    /// <summary>Fetches what this program reads of a repository, and is not here yet. Branches and tags point to a commit only when all of
    /// it is here.</summary>
    /// <param name="reference">The repository, and perhaps its revision.</param>
    /// <param name="asAdapter">Whether to take it for an adapter, even if it looks like a model.</param>
    /// <param name="progress">Hears how many bytes are here.</param>
    /// <param name="cancellation">Ends it; what came stays in the cache, and the next call goes on from there.</param>
    /// <exception cref="HubContentException">There is no such repository, or nothing in it that can be used.</exception>
    /// <exception cref="HubAccessException">It cannot be fetched on this machine as it is.</exception>
    public async Task<PulledRepository> RunAsync(
        HubReference reference, bool asAdapter, IProgress<PullProgress> progress, CancellationToken cancellation)
    {
        if (settings.IsOffline) return Cached(reference, asAdapter);
        using var client = new HubClient(settings, reference, clock);
        var listing = await client.ListAsync(cancellation);
        var entries = Entries(listing);
        var needed = NeededFiles.Of(reference, [.. listing.Siblings!.Select(entry => entry.Rfilename).OfType<string>()], asAdapter);
        var store = new BlobStore(client, settings.Cache, clock);

        var files = await LookUpAsync(client, listing.Sha!, needed.Files.Select(name => entries[name]), cancellation);
        if (needed.Index is { } index)
        {
            var file = files.Single(one => one.Path == index);
            await store.StoreAsync(file, _ => { }, cancellation);
            files = [.. files, .. await LookUpAsync(client, listing.Sha!, Shards(file, entries), cancellation)];
        }
        var fetched = await StoreAsync(store, files, progress, cancellation);
        settings.Cache.WriteRef(reference, listing.Sha!);
        return new PulledRepository(
            reference.Repository,
            reference.RevisionOrDefault,
            listing.Sha!,
            needed.IsAdapter,
            settings.Cache.SnapshotOf(reference.Repository, listing.Sha!),
            [.. files.Select(file => new PulledFile(file.Path, file.Size))],
            fetched,
            listing.Id is { } id && id != reference.Repository && HubReference.TryParse(id) is { Revision: null } ? id : null
        );
    }

    private static Dictionary<string, HubListing.Entry> Entries(HubListing listing)
    {
        var entries = new Dictionary<string, HubListing.Entry>(StringComparer.Ordinal);
        foreach (var entry in listing.Siblings!)
            if (SafeName.Is(entry.Rfilename))
                entries[entry.Rfilename!] = entry;
        return entries;
    }

    private static async Task<RemoteFile[]> LookUpAsync(
        HubClient client, string commit, IEnumerable<HubListing.Entry> entries, CancellationToken cancellation)
    {
        HubListing.Entry[] wanted = [.. entries];
        var found = new RemoteFile[wanted.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, wanted.Length),
            Several(cancellation),
            async (at, each) => found[at] = await client.LookUpAsync(commit, wanted[at], each)
        );
        return found;
    }

    /// <summary>The files that an index lists.</summary>
    private HubListing.Entry[] Shards(RemoteFile index, Dictionary<string, HubListing.Entry> entries)
    {
        string[] shards;
        try
        {
            shards = [.. SafetensorsIndex.Read(SnapshotLink.PathOf(settings.Cache, index)).Values.Distinct(StringComparer.Ordinal)];
        }
        catch (SafetensorsException damaged)
        {
            throw new HubContentException($"{index.Repository}: {damaged.Message}", damaged);
        }
        if (shards.Length is 0 or > MostShards)
            throw new HubContentException($"{index.Path} of {index.Repository} lists {shards.Length} files; expected 1 to {MostShards}.");
        return
        [
            .. shards.Order(StringComparer.Ordinal).Select(shard => entries.GetValueOrDefault(shard)
                ?? throw new HubContentException(
                    $"{index.Path} of {index.Repository} lists {SafetensorsException.Quote(shard)}, which the repository does not have."
                )),
        ];
    }

    private async Task<long> StoreAsync(
        BlobStore store, RemoteFile[] files, IProgress<PullProgress> progress, CancellationToken cancellation)
    {
        long[] had = [.. files.Select(store.Had)];
        var (before, total) = (had.Sum(), files.Sum(file => file.Size));
        Directory.CreateDirectory(settings.Cache.Root);
        if (total > before) DiskSpace.Require(settings.Cache.Root, total - before);
        var count = new PullCount(had, total, progress);
        count.Begin();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, files.Length),
            Several(cancellation),
            async (at, each) => await store.StoreAsync(files[at], bytes => count.Set(at, bytes), each)
        );
        return total - before;
    }

    private static ParallelOptions Several(CancellationToken cancellation) =>
        new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };

    private PulledRepository Cached(HubReference reference, bool asAdapter)
    {
        var cache = settings.Cache;
        var isAdapter = asAdapter || cache.FindModel(reference.ToString()) is null;
        var snapshot = (isAdapter ? cache.FindAdapter(reference.ToString()) : cache.FindModel(reference.ToString()))
            ?? throw new HubAccessException(
                $"HF_HUB_OFFLINE is set, and {cache.Root} has no {reference}. Unset it to fetch it, or copy the cache of a machine "
                    + "that has it."
            );
        return new PulledRepository(
            reference.Repository,
            reference.RevisionOrDefault,
            Path.GetFileName(snapshot),
            isAdapter,
            snapshot,
            [.. new DirectoryInfo(snapshot).EnumerateFiles().Select(Listed)],
            Fetched: 0,
            RenamedTo: null
        );

        static PulledFile Listed(FileInfo file) => new(file.Name, new FileInfo(Links.Followed(file.FullName)).Length);
    }
}
