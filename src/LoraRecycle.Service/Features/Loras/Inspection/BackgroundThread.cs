using LoraRecycle.Core.Foundation.Devices;

namespace LoraRecycle.Service.Features.Loras.Inspection;

/// <summary>
/// Work with tensors that nobody waits for with a model at hand: on a thread of its own, which computes alone and so leaves
/// the other processors to the model.
/// </summary>
internal static class BackgroundThread
{
    public static Task<T> RunAsync<T>(Func<T> work) => Task.Factory.StartNew(
        () =>
        {
            ComputeThreads.Use(1);
            return TorchException.Guard(work);
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
