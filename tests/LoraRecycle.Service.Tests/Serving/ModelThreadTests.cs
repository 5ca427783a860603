using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Serving.Devices;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Tests.Serving;

public sealed class ModelThreadTests
{
    [Fact]
    public async Task A_model_that_cannot_be_loaded_fails_whoever_waits_for_it()
    {
        var queue = new BatchQueue(8);
        using var admission = queue.Admit(2, ServedAdapter.None);
        var waiting = new PendingImage(new DecodedImage(1, 1, new byte[3]), ServedAdapter.None, new MemoryStream(), CancellationToken.None);
        admission.Enter(waiting);
        var thread = new ModelThread(
            "cpu",
            () => throw new InvalidDataException("no weights"),
            () => ServedAdapter.None,
            queue,
            4,
            TimeSpan.Zero
        );
        thread.Start();

        var failure = await Assert.ThrowsAsync<ModelFailureException>(() => thread.Loaded);
        Assert.Equal("no weights", failure.InnerException!.Message);
        await Assert.ThrowsAsync<ModelFailureException>(() => waiting.Embedding);
        await Assert.ThrowsAsync<ModelFailureException>(() => thread.Ended);
        var late = new PendingImage(new DecodedImage(1, 1, new byte[3]), ServedAdapter.None, new MemoryStream(), CancellationToken.None);
        admission.Enter(late);
        await Assert.ThrowsAsync<ModelFailureException>(() => late.Embedding);
        Assert.Equal(0, queue.Waiting);
    }

    [Fact]
    public async Task What_is_queued_is_still_embedded_when_the_queue_is_completed()
    {
        var queue = new BatchQueue(8);
        using var model = new ControlledModel();
        using var admission = queue.Admit(3, ServedAdapter.None);
        var pending = Enumerable
            .Range(0, 3)
            .Select(_ => new PendingImage(
                new DecodedImage(1, 1, [3, 6, 9]), ServedAdapter.None, new MemoryStream(), CancellationToken.None))
            .ToArray();
        foreach (var image in pending)
            admission.Enter(image);
        queue.Complete();
        var thread = new ModelThread(
            "cpu",
            () => new LoadedModels(model.Source, 1, () => ServedAdapter.None),
            () => ServedAdapter.None,
            queue,
            2,
            TimeSpan.Zero
        );
        thread.Start();

        Assert.All(await Task.WhenAll(pending.Select(image => image.Embedding)), embedding => Assert.Equal([3f, 6f, 9f], embedding));
        await thread.Ended;
        Assert.True(model.IsDisposed);
        Assert.Equal([1, 2, 1], model.Batches);
    }

    [Fact]
    public void Room_that_a_request_did_not_use_is_given_back()
    {
        var queue = new BatchQueue(4);
        queue.Admit(4, ServedAdapter.None).Dispose();
        using var admission = queue.Admit(4, ServedAdapter.None);

        Assert.Equal(4, queue.Waiting);
        Assert.Throws<QueueFullException>(() => queue.Admit(1, ServedAdapter.None));
    }
}
