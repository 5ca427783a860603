using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.StoredTasks.Ready;

/// <summary>What the model is to wear for a task, and whether it can still wear what the task's embeddings were made with.</summary>
internal sealed class TaskWearing(MetaLoraSelection selection, MetaLoraStore store, ActiveMetaLora active, ImageEmbedder embedder)
{
    /// <summary>What the task asks for.</summary>
    /// <exception cref="ProblemException">There is no such meta-LoRA, or it cannot be used.</exception>
    public Wearing Wanted(string metaLora) => selection.Resolve(metaLora, "metaLora");

    /// <returns>What a task asks for; null while that is not there.</returns>
    public Wearing? TryWanted(string metaLora)
    {
        try
        {
            return Wanted(metaLora);
        }
        catch (ProblemException)
        {
            return null;
        }
    }

    /// <returns>What a revision stands for; null when it is not there any more.</returns>
    public Wearing? Worn(string id, string revision)
    {
        if (id == Wearing.None.Id)
            return Wearing.None;
        // One whose files have changed since can be worn as long as it is in memory.
        return embedder.Loaded.Append(active.Current).FirstOrDefault(one => one.Id == id && one.Revision == revision)
            ?? (store.Find(id)?.Facts?.Wearing is { } there && there.Revision == revision ? there : null);
    }
}
