using LoraRecycle.Service.Errors;
using LoraRecycle.Service.MetaLoras;
using LoraRecycle.Service.Serving;

namespace LoraRecycle.Service.Jobs.Progress;

/// <summary>Makes a meta-LoRA the active one without being asked by a request.</summary>
internal sealed class ResultActivation(MetaLoraSelection selection, ActiveMetaLora active, IServiceProvider services)
{
    public async Task<ActivationOutcome> ActivateAsync(string id, CancellationToken cancellation)
    {
        try
        {
            var next = selection.ById(id, "id");
            var previous = await active.SwitchAsync(next, services.GetRequiredService<IImageEmbedder>(), cancellation);
            return new ActivationOutcome(true, $"It is the active one; before, '{previous.Id}' was.");
        }
        catch (Exception exception) when (exception is ProblemException or WearingException or ModelFailureException or QueueFullException)
        {
            // The result is there all the same, and can be activated by hand.
            return new ActivationOutcome(false, $"It could not be activated: {exception.Message}");
        }
    }
}
