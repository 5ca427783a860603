using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Serving;

namespace LoraRecycle.Service.Tests.Serving;

public sealed class BatchQueueTests
{
    private static readonly Wearing One = new("one", "1", "one"), Two = new("two", "2", "two");

    private readonly BatchQueue _queue = new(100);

    private static PendingImage Image(Wearing wearing, CancellationTokenSource? request = null) =>
        new(new DecodedImage(1, 1, new byte[3]), wearing, memory: null, request?.Token ?? CancellationToken.None);

    private void Enter(params Wearing[] wearings)
    {
        foreach (var wearing in wearings)
        {
            using var admission = _queue.Admit(1, wearing);
            admission.Enter(Image(wearing));
        }
    }

    private string[] Take(int maxBatch)
    {
        var batch = new List<PendingImage>();
        Assert.True(_queue.Take(batch, maxBatch, TimeSpan.Zero));
        return [.. batch.Select(image => image.Wearing.Id)];
    }

    [Fact]
    public void A_batch_is_of_one_wearing_and_the_image_that_came_first_decides_which()
    {
        Enter(One, Two, One, Two, Wearing.None, One);

        Assert.Equal(["one", "one"], Take(2));
        Assert.Equal(["two", "two"], Take(8));
        Assert.Equal(["none"], Take(8));
        Assert.Equal(["one"], Take(8));
        Assert.Equal(0, _queue.Waiting);
    }

    [Fact]
    public async Task A_batch_waits_for_images_of_its_own_wearing_and_for_no_others()
    {
        using var others = _queue.Admit(1, Two); // never entered
        using var own = _queue.Admit(2, One);
        own.Enter(Image(One));
        var batch = new List<PendingImage>();
        var taking = Task.Run(() => _queue.Take(batch, 8, TimeSpan.FromMinutes(5)), TestContext.Current.CancellationToken);
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
}
