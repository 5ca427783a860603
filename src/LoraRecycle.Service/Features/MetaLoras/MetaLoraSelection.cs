using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving.ActiveAdapter;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.MetaLoras;

/// <summary>What a request means by the name of a meta-LoRA.</summary>
internal sealed class MetaLoraSelection(MetaLoraStore store, ActiveMetaLora active)
{
    private const int IdsShown = 20;

    /// <summary>What an episode asks for: an id; <c>default</c>, the active one; <c>none</c>, the bare model.</summary>
    /// <exception cref="ProblemException">There is no such meta-LoRA, or it cannot be used.</exception>
    public ServedAdapter Resolve(string requested, string field) =>
        requested == MetaLoraNames.Default ? active.Current : ById(requested, field);

    /// <summary>What an id stands for, also the id <c>default</c>; <c>none</c> is the bare model.</summary>
    /// <exception cref="ProblemException">There is no such meta-LoRA, or it cannot be used.</exception>
    public ServedAdapter ById(string id, string field)
    {
        if (id == MetaLoraNames.None)
            return ServedAdapter.None;
        var found =
            store.Find(id)
            ?? throw new ProblemException(
                Problems.UnknownMetaLora,
                $"Expected '{MetaLoraNames.Default}' (the active one), '{MetaLoraNames.None}' (the bare model), or an id: {Known()}.",
                field
            );
        return found.Facts?.Adapter
            ?? throw new ProblemException(Problems.UnusableMetaLora, $"The meta-LoRA '{found.Id}' cannot be used: {found.Problem}", field);
    }

    /// <summary>What the path of one meta-LoRA leads to.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public MetaLora AtPath(string id) =>
        store.Find(id)
        ?? throw new ProblemException(Problems.MetaLoraNotFound, $"Expected the id of a meta-LoRA on this server: {Known()}.");

    private string Known()
    {
        var ids = store.Ids;
        return ids.Count == 0 ? "this server has none"
            : ids.Count <= IdsShown ? string.Join(", ", ids)
            : $"{string.Join(", ", ids.Take(IdsShown))} and {ids.Count - IdsShown} more";
    }
}
