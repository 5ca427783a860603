using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Formats.Png;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Recycling.Endpoints;

/// <summary>The synthetic images of a job, by numbers that are fixed when it is accepted: LoRA by LoRA, class by class.</summary>
internal sealed class JobImages(JobReader jobs, JobFolders folders)
{
    /// <param name="id">The job's.</param>
    /// <param name="from">The first number.</param>
    /// <param name="limit">Most images.</param>
    /// <param name="addressOf">The address that a client knows a path by.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ProblemException">There is no such job.</exception>
    public async Task<JobImagesResponse> ListAsync(
        string id,
        int from,
        int limit,
        Func<string, string> addressOf,
        CancellationToken cancellation
    )
    {
        var images = new List<JobImage>();
        foreach (var stretch in await StretchesAsync(id, cancellation))
        {
            if (stretch.Pool is null || stretch.First + stretch.Count <= from || images.Count > limit)
                continue;
            var info = SyntheticPoolDirectory.ReadInfo(stretch.Pool);
            for (var i = Math.Max(0, from - stretch.First); i < stretch.Count && images.Count <= limit; i++)
            {
                var (number, label) = (stretch.First + i, i / info.Settings.ImagesPerClass);
                images.Add(
                    new JobImage(
                        number,
                        stretch.Lora.Id,
                        stretch.Lora.Name,
                        label,
                        info.Classes[label],
                        addressOf($"/recycle/{id}/images/{number}.png"),
                        addressOf($"/recycle/{id}/masks/{number}.png")
                    )
                );
            }
        }
        return new JobImagesResponse([.. images.Take(limit)], images.Count > limit ? images[limit].Number : null);
    }

    /// <returns>A PNG.</returns>
    /// <exception cref="ProblemException">There is no such image.</exception>
    public Task<byte[]> ImageAsync(string id, int number, CancellationToken cancellation) =>
        PngAsync(id, number, PoolPictures.Image, cancellation);

    /// <param name="id">The job's.</param>
    /// <param name="number">The image's.</param>
    /// <param name="masked">The share of patches to mask; null for those that pruning dropped, or a half where it dropped none.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>A PNG, white where patches stay and black elsewhere.</returns>
    /// <exception cref="ProblemException">There is no such image.</exception>
    public Task<byte[]> MaskAsync(string id, int number, double? masked, CancellationToken cancellation) =>
        masked is null or (>= 0 and < 1)
            ? PngAsync(
                id,
                number,
                (pool, index) => PoolPictures.Mask(pool, index, masked ?? (pool.PrunedShare > 0 ? pool.PrunedShare : 0.5)),
                cancellation
            )
            : throw new ProblemException(RecycleProblems.InvalidSetting, "Expected a share of at least 0 and less than 1.", "masked");

    private async Task<byte[]> PngAsync(
        string id,
        int number,
        Func<SyntheticPool, int, DecodedImage> render,
        CancellationToken cancellation
    )
    {
        if (
            (await StretchesAsync(id, cancellation)).FirstOrDefault(one => one.First <= number && number < one.First + one.Count)
            is not { Pool: { } folder } stretch
        )
            throw new ProblemException(
                RecycleProblems.ImageNotFound,
                "Expected the number of an existing image; GET /recycle/{id}/images lists them. Images appear as LoRAs are inverted."
            );
        using var pool = SyntheticPoolDirectory.Read(folder);
        using var png = new MemoryStream();
        PngEncoder.Write(render(pool, number - stretch.First), png);
        return png.ToArray();
    }

    private async Task<IReadOnlyList<Stretch>> StretchesAsync(string id, CancellationToken cancellation)
    {
        var (job, units) = await jobs.FindAsync(JobKind.Recycle, id, cancellation);
        var perClass = job.Settings.Inversion.ImagesPerClass;
        var pools = units.Where(unit => unit is { Kind: UnitKind.Invert, Result: not null })
            .SelectMany(unit =>
                unit.Result!.Pools!.Where(pool => pool.Failure is null)
                    .Select(pool => (pool.Lora, Path: Path.Combine(folders.Of(id, unit.Number, unit.Result.Fence), pool.Lora)))
            )
            .ToDictionary(pool => pool.Lora, pool => pool.Path, StringComparer.Ordinal);
        var (stretches, first) = (new List<Stretch>(), 0);
        foreach (var lora in job.Loras)
        {
            var count = lora.Classes * perClass;
            stretches.Add(
                new Stretch(
                    lora,
                    first,
                    count,
                    pools.GetValueOrDefault(lora.Id) is { } path && SyntheticPoolDirectory.IsPool(path) ? path : null
                )
            );
            first += count;
        }
        return stretches;
    }

    /// <param name="Lora">The LoRA.</param>
    /// <param name="First">The number of its first image.</param>
    /// <param name="Count">How many there are.</param>
    /// <param name="Pool">Their folder; null until they are there.</param>
    private sealed record Stretch(RecycledLoraName Lora, int First, int Count, string? Pool);
}
