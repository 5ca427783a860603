using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.StoredTasks.Ready;

/// <summary>The adapter that a task asks for, and the one that its embeddings were made with.</summary>
internal sealed class TaskAdapters(MetaLoraSelection selection, MetaLoraStore store, ActiveMetaLora active, ImageEmbedder embedder)
{
    /// <summary>What the task asks for.</summary>
    /// <exception cref="ProblemException">There is no such meta-LoRA, or it cannot be used.</exception>
    public ServedAdapter Wanted(string metaLora) => selection.Resolve(metaLora, "metaLora");

    /// <returns>What a task asks for; null while that is not there.</returns>
    public ServedAdapter? TryWanted(string metaLora)
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

    /// <returns>The adapter of a revision; null when it is not there any more.</returns>
    public ServedAdapter? Find(string id, string revision)
    {
        if (id == ServedAdapter.None.Id)
            return ServedAdapter.None;
        // One whose files have changed since can be used as long as it is in memory.
        return embedder.Loaded.Append(active.Current).FirstOrDefault(one => one.Id == id && one.Revision == revision)
            ?? (store.Find(id)?.Facts?.Adapter is { } there && there.Revision == revision ? there : null);
    }
}
