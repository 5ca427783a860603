using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Serving.Devices;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Tests.Serving;

public sealed class BatchQueueTests
{
    private static readonly ServedAdapter One = new("one", "1", "one"), Two = new("two", "2", "two");

    private readonly BatchQueue _queue = new(100);
    private readonly Lane _lane;

    public BatchQueueTests() => _lane = _queue.Open();

    private static PendingImage Image(ServedAdapter adapter, CancellationTokenSource? request = null) =>
        new(new DecodedImage(1, 1, new byte[3]), adapter, memory: null, request?.Token ?? CancellationToken.None);

    private void Enter(params ServedAdapter[] adapters)
    {
        foreach (var adapter in adapters)
        {
            using var admission = _queue.Admit(1, adapter);
            admission.Enter(Image(adapter));
        }
    }

    private string[] Take(int maxBatch, Lane? lane = null)
    {
        var batch = new List<PendingImage>();
        Assert.True(_queue.Take(lane ?? _lane, batch, maxBatch, TimeSpan.Zero, TimeSpan.Zero));
        return [.. batch.Select(image => image.Adapter.Id)];
    }

    [Fact]
    public void A_batch_is_of_one_adapter_and_the_image_that_came_first_decides_which()
    {
        Enter(One, Two, One, Two, ServedAdapter.None, One);

        Assert.Equal(["one", "one"], Take(2));
        Assert.Equal(["two", "two"], Take(8));
        Assert.Equal(["none"], Take(8));
        Assert.Equal(["one"], Take(8));
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public async Task A_batch_waits_for_images_of_its_own_adapter_and_for_no_others()
    {
        using var others = _queue.Admit(1, Two); // never entered
        using var own = _queue.Admit(2, One);
        own.Enter(Image(One));
        var batch = new List<PendingImage>();
        var taking = Task.Run(
            () => _queue.Take(_lane, batch, 8, TimeSpan.FromMinutes(5), Timeout.InfiniteTimeSpan),
            TestContext.Current.CancellationToken
        );
        own.Enter(Image(One));

        Assert.True(await taking.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Equal(2, batch.Count);
    }

    [Fact]
    public void Images_whose_request_is_gone_are_dropped_and_leave_their_room()
    {
        using var gone = new CancellationTokenSource();
        using var admission = _queue.Admit(2, One);
        admission.Enter(Image(One, gone));
        admission.Enter(Image(One));
        gone.Cancel();

        Assert.Equal(["one"], Take(8));
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public async Task While_one_device_gathers_a_batch_another_takes_nothing_of_its_adapter_but_does_of_others()
    {
        var other = _queue.Open();
        using var own = _queue.Admit(2, One);
        own.Enter(Image(One));
        var batch = new List<PendingImage>();
        var gathering = Task.Run(
            () => _queue.Take(_lane, batch, 8, TimeSpan.FromMinutes(5), Timeout.InfiniteTimeSpan),
            TestContext.Current.CancellationToken
        );
        while (_queue.Waiting > 1)
            await Task.Delay(1, TestContext.Current.CancellationToken);
        Enter(Two);
        Assert.Equal(["two"], Take(8, other));
        Assert.Empty(Take(8, other));
        own.Enter(Image(One));

        Assert.True(await gathering);
        Assert.Equal(2, batch.Count);
    }

    [Fact]
    public void What_is_for_one_device_goes_before_all_others_and_to_that_one_alone()
    {
        var other = _queue.Open();
        Enter(One);
        _queue.EnterFirst(other, PendingImage.Probe(Two, CancellationToken.None));

        Assert.Equal(["two"], Take(8, other));
        Assert.Equal(["one"], Take(8, other));
        _queue.EnterFirst(other, PendingImage.Probe(Two, CancellationToken.None));
        Assert.Empty(Take(8));
    }

    [Fact]
    public void A_device_that_is_out_of_order_takes_only_its_own_unless_all_are()
    {
        var other = _queue.Open();
        _queue.Mark(other, lane => lane.IsFailing = true);
        Enter(One, Two);
        Assert.Empty(Take(8, other));
        Assert.Equal(["one"], Take(1));

        _queue.Mark(_lane, lane => lane.IsHanging = true);
        Assert.Equal(["two"], Take(8, other));
    }

    [Fact]
    public void Images_move_to_a_device_in_order_before_all_that_waits_and_not_for_ever()
    {
        var other = _queue.Open();
        Enter(One, One, Two);
        var batch = new List<PendingImage>();
        for (var move = 0; move < 2; move++)
        {
            batch.Clear();
            Assert.True(_queue.Take(_lane, batch, 2, TimeSpan.Zero, TimeSpan.Zero));
            Assert.Equal([One, One], batch.Select(image => image.Adapter));
            Assert.Empty(_queue.Move(_lane, batch));
            Assert.Equal(3, _queue.Waiting);
        }
        Assert.Equal(["one", "one"], Take(8, other));
        Assert.Equal(batch, _queue.Move(_lane, batch));

        _queue.Mark(other, lane => lane.IsHanging = true);
        Assert.Single(_queue.Move(_lane, [Image(One)]));
    }

    [Fact]
    public async Task The_last_device_to_go_takes_whatever_waits_with_it()
    {
        var other = _queue.Open();
        var (own, shared) = (PendingImage.Probe(One, CancellationToken.None), Image(One));
        _queue.EnterFirst(_lane, own);
        using (var admission = _queue.Admit(1, One))
            admission.Enter(shared);
        _queue.Close(_lane, new ModelFailureException("lost"));
        await Assert.ThrowsAsync<ModelFailureException>(() => own.Embedding);
        Assert.False(shared.Embedding.IsCompleted);

        _queue.Close(other, new ModelFailureException("lost"));
        await Assert.ThrowsAsync<ModelFailureException>(() => shared.Embedding);
        Assert.Equal(0, _queue.Waiting);
    }
}
