using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Serving.Devices;

/// <summary>
/// Runs a device's batches, and finds out what is to blame when one fails: its size, one of its images, or the device.
/// Used by the device's thread alone.
/// </summary>
/// <param name="device">The device's name.</param>
/// <param name="lane">The device's way out of the queue.</param>
/// <param name="queue">Where images go that the device cannot answer for.</param>
/// <param name="maxBatch">Most images of a batch.</param>
/// <param name="metrics">Told of each pass; null for nobody.</param>
internal sealed class BatchRunner(string device, Lane lane, BatchQueue queue, int maxBatch, ServingMetrics? metrics)
{
    /// <summary>So many batches in a row that fit, and the next may be twice as large again.</summary>
    private const int PassesToGrow = 64;

    private int? _limit;
    private int _fitting;

    /// <summary>How many images the next batch may have: fewer for a while after one did not fit into the device's memory.</summary>
    public int Limit => _limit ?? maxBatch;

    /// <summary>Embeds images of one adapter, or fails them, or gives them to another device.</summary>
    public void Run(LoadedModels models, List<PendingImage> batch)
    {
        try
        {
            Embed(models.For(batch[0].Adapter), batch);
            return;
        }
        catch (AdapterMergeException exception)
        {
            batch.ForEach(image => image.Fail(exception));
            return;
        }
        catch (Exception exception) when (DeviceMemory.IsExhausted(exception))
        {
            Shrink(batch.Count);
            if (batch.Count == 1)
                batch[0].Fail(new DeviceExhaustedException(device, exception));
            else
                Halve(models, batch);
            return;
        }
        catch (Exception exception)
        {
            if (!Works(models))
                GiveUp(batch, exception);
            else if (batch.Count == 1)
                batch[0].Fail(Failure(exception));
            else
                batch.ForEach(image => Run(models, [image])); // one image must not fail the requests that happened to share its batch
        }
    }

    /// <summary>Tries the device with a picture that cannot be at fault; it takes images again when that succeeds.</summary>
    public bool Works(LoadedModels models)
    {
        try
        {
            ForwardPass.Prove(models.For(ServedAdapter.None));
        }
        catch (Exception exception) when (!DeviceMemory.IsExhausted(exception))
        {
            SetFailing(true);
            return false;
        }
        catch (Exception)
        {
            return true; // short of memory, which ends when somebody gives some back
        }
        SetFailing(false);
        return true;
    }

    private void Embed(DeviceModel model, List<PendingImage> batch)
    {
        var started = TimeProvider.System.GetTimestamp();
        var embeddings = ForwardPass.Run(model, batch.ConvertAll(image => image.Image));
        metrics?.Forwarded(device, batch.Count, TimeProvider.System.GetElapsedTime(started));
        Grow();
        SetFailing(false);
        for (var i = 0; i < embeddings.Length; i++)
            batch[i].Succeed(embeddings[i]);
    }

    private void Halve(LoadedModels models, List<PendingImage> batch)
    {
        metrics?.Split(device);
        var half = (batch.Count + 1) / 2;
        Run(models, batch[..half]);
        Run(models, batch[half..]);
    }

    private void GiveUp(List<PendingImage> batch, Exception exception)
    {
        foreach (var image in queue.Move(lane, batch))
            image.Fail(Failure(exception));
    }

    private void Shrink(int images) => (_limit, _fitting) = (Math.Min(Limit, Math.Max(1, images / 2)), 0);

    private void Grow()
    {
        if (Limit < maxBatch && ++_fitting == PassesToGrow)
            (_limit, _fitting) = (Math.Min(maxBatch, 2 * Limit), 0);
    }

    private void SetFailing(bool isFailing)
    {
        if (lane.IsFailing != isFailing)
            queue.Mark(lane, lane => lane.IsFailing = isFailing);
    }

    private static ModelFailureException Failure(Exception exception) =>
        exception as ModelFailureException ?? new ModelFailureException("The forward pass failed.", exception);
}
