using LoraRecycle.Service.Serving.Devices;

namespace LoraRecycle.Service.Tests.Serving;

public sealed class DecodedMemoryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_wants_more_than_is_left_waits_in_turn()
    {
        var memory = new DecodedMemory(10);
        var first = await memory.TakeAsync(6, Cancellation);
        var large = memory.TakeAsync(8, Cancellation).AsTask();
        var small = memory.TakeAsync(1, Cancellation).AsTask();
        Assert.False(large.IsCompleted);
        Assert.False(small.IsCompleted); // there is room for it, but the large one came first
        first.Dispose();
        first.Dispose(); // gives back once

        using var one = await large;
        using var other = await small;
        var third = memory.TakeAsync(2, Cancellation).AsTask();
        Assert.False(third.IsCompleted);
        one.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task Who_gives_up_waiting_lets_the_next_one_in()
    {
        var memory = new DecodedMemory(10);
        var all = await memory.TakeAsync(10, Cancellation);
        using var cancel = new CancellationTokenSource();
        var gone = memory.TakeAsync(10, cancel.Token).AsTask();
        var next = memory.TakeAsync(10, Cancellation).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.False(next.IsCompleted);
        all.Dispose();

        (await next).Dispose();
    }

    [Fact]
    public async Task More_than_there_ever_is_gets_all_of_it()
    {
        var memory = new DecodedMemory(10);
        var all = await memory.TakeAsync(1000, Cancellation);
        var next = memory.TakeAsync(1, Cancellation).AsTask();
        Assert.False(next.IsCompleted);
        all.Dispose();

        (await next).Dispose();
    }
}
