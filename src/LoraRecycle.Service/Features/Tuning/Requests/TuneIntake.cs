using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Requests;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Storage;

namespace LoraRecycle.Service.Features.Tuning.Requests;

/// <summary>Makes a job of a request: its images are on the disk before anybody hears of it.</summary>
internal sealed partial class TuneIntake(
    TuneExamples examples, JobFolders folders, JobAdmission admission, UploadedLoras uploaded, TimeProvider time,
    ILogger<TuneIntake> logger)
{
    /// <exception cref="ProblemException">It cannot be met.</exception>
    public async Task<RecycleJob> AcceptAsync(ReadTuneRequest request, CancellationToken cancellation)
    {
        uploaded.RequireRoom(0); // what there is no room for is not begun
        var files = await examples.OfAsync(request, cancellation);
        var id = Guid.CreateVersion7().ToString("N");
        try
        {
            await StoreAsync(id, files.Images, cancellation);
            var job = Job(id, request, files.Classes);
            await admission.AdmitAsync(job, [Unit(job)], $"{files.Classes.Sum(one => one.Images)} images", cancellation);
            LogAccepted(logger, id, files.Classes.Count, job.Tuning.Tuning.Method);
            return job;
        }
        catch (Exception exception) when (!StateFailures.IsUnavailable(exception)) // or a sweep finds out whether there is a job
        {
            Remove(id);
            throw;
        }
    }

    private RecycleJob Job(string id, ReadTuneRequest request, IReadOnlyList<TunedClass> classes)
    {
        var now = time.GetUtcNow();
        return new RecycleJob
        {
            Id = id,
            Kind = JobKind.Tune,
            Created = now,
            State = JobState.Queued,
            Stage = JobStage.Waiting,
            StageStarted = now,
            MetaLora = "",
            Asked = new TuneSettings(request.Name ?? $"tuned-{id[^12..]}", request.Settings, request.HeldOut, classes, request.Task),
            Loras = [],
        };
    }

    private static RecycleUnit Unit(RecycleJob job) => new()
    {
        JobId = job.Id,
        Number = 0,
        Kind = UnitKind.Tune,
        Loras = [],
        State = UnitState.Queued,
        NotBefore = job.Created,
        Iterations = job.Tuning.Tuning.Steps,
    };

    private async Task StoreAsync(string id, IAsyncEnumerable<ReadOnlyMemory<byte>> images, CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(folders.Examples(id));
            var number = 0;
            await foreach (var image in images.WithCancellation(cancellation))
            {
                using var file = new FileStream(
                    folders.Example(id, number++), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
                file.Write(image.Span);
                file.Flush(flushToDisk: true);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw LoraUpload.NotStored(exception);
        }
    }

    private void Remove(string id)
    {
        try
        {
            folders.Delete(id);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A sweep removes it.
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Job {Job} was accepted: a LoRA of {Classes} classes, tuned by {Method}")]
    private static partial void LogAccepted(ILogger logger, string job, int classes, string method);
}
