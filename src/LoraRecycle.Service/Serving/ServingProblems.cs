using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Serving;

/// <summary>What the model's failures are to a client.</summary>
internal static class ServingProblems
{
    /// <exception cref="ProblemException">The work failed for the model's sake; other exceptions pass through.</exception>
    public static async Task<T> TranslateAsync<T>(ImageEmbedder embedder, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (QueueFullException exception)
        {
            throw new ProblemException(Problems.QueueFull, $"{exception.Message} Send the request again in a moment.");
        }
        catch (DeviceExhaustedException exception)
        {
            throw new ProblemException(
                Problems.OutOfMemory,
                $"{exception.Device} has not enough memory left for one image. Send the request again in a moment.",
                cause: exception
            );
        }
        catch (AdapterMergeException exception)
        {
            throw new ProblemException(
                Problems.MetaLoraUnavailable,
                $"The meta-LoRA '{exception.Adapter.Id}' could not be merged into the model: its files changed or disappeared since it "
                    + "was chosen, or memory ran out; see the server's log. Choose it again, or choose another one.",
                cause: exception);
        }
        catch (ModelFailureException exception)
        {
            throw embedder.Model.IsFaulted
                ? new ProblemException(
                    Problems.ModelUnavailable,
                    "The model could not be loaded; see the server's log for the reason.",
                    cause: exception
                )
                : new ProblemException(
                    Problems.ModelFailure,
                    "The model failed on this request; the request is not at fault. See this request id in the server's log.",
                    cause: exception
                );
        }
    }
}
