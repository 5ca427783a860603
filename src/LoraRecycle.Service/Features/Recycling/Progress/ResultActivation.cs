using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling.Progress;

/// <summary>Makes a meta-LoRA the active one without being asked by a request.</summary>
internal sealed class ResultActivation(
    MetaLoraSelection selection, ActiveMetaLora active, ActivationStore kept, ImageEmbedder embedder, IOptions<JobsOptions> options)
{
    public async Task<ActivationOutcome> ActivateAsync(string id, CancellationToken cancellation)
    {
        try
        {
            var (next, previous) = (selection.ById(id, "id"), active.Current);
            // A worker has nothing to load it into; those that serve look for what was activated, and prove it first.
            if (options.Value.Role == JobRole.Worker)
                await kept.KeepAsync(next.Id, cancellation);
            else
                previous = await active.SwitchAsync(next, embedder.PrepareAsync, cancellation);
            return new ActivationOutcome(true, $"It is now active, in place of '{previous.Id}'.");
        }
        catch (Exception exception)
            when (exception
                    is ProblemException
                        or AdapterMergeException
                        or ModelFailureException
                        or QueueFullException
                        or DeviceExhaustedException
            )
        {
            // The result is there all the same, and can be activated by hand.
            return new ActivationOutcome(false, $"It could not be activated: {exception.Message}");
        }
    }
}
