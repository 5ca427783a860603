using LoraRecycle.Service.Features.Loras.Inspection;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Recycling.Requests;

/// <summary>Which LoRAs of the market a request means.</summary>
internal sealed class LoraSelection(LoraMarket market, LoraCheck check)
{
    /// <returns>At least one, each once: in the order of the request, or of the market.</returns>
    /// <exception cref="ProblemException">There is none, one is not there, or one cannot be recycled.</exception>
    public IReadOnlyList<Lora> Select(RecycleRequest request)
    {
        var selected = (request.Loras, request.Filter) switch
        {
            (not null, not null) => throw new ProblemException(
                RecycleProblems.InvalidSetting,
                "Expected loras or filter; found both.",
                "filter"
            ),
            (null, null) => throw new ProblemException(
                RecycleProblems.NoLoras,
                "Expected loras, a list of ids, or a filter of the market; found neither.",
                "loras"
            ),
            ({ } ids, null) => ByIds(ids),
            (null, { } filter) => ByFilter(filter),
        };
        if (selected.Count == 0)
            throw new ProblemException(
                RecycleProblems.NoLoras,
                "Expected at least one LoRA; GET /loras lists the market.",
                request.Loras is null ? "filter" : "loras"
            );
        return selected;
    }

    private List<Lora> ByIds(IReadOnlyList<string> ids)
    {
        var all = market.All().ToDictionary(lora => lora.Id, StringComparer.Ordinal);
        var selected = new List<Lora>();
        for (var i = 0; i < ids.Count; i++)
        {
            var field = $"loras[{i}]";
            if (ids[i] is not { } id || !all.TryGetValue(id, out var lora))
                throw new ProblemException(
                    RecycleProblems.UnknownLora,
                    "Expected the id of a LoRA on this server, 64 hexadecimal digits; GET /loras lists them.",
                    field
                );
            if (selected.Contains(lora))
                throw new ProblemException(RecycleProblems.InvalidSetting, "Expected each LoRA once; this one is listed twice.", field);
            if (WhyNot(lora) is { } reason)
                throw new ProblemException(RecycleProblems.CannotBeRecycled, reason, field);
            selected.Add(lora);
        }
        return selected;
    }

    private List<Lora> ByFilter(LoraFilter filter)
    {
        if (filter.Name is { Length: 0 or > LoraMatch.LongestPattern })
            throw new ProblemException(
                RecycleProblems.InvalidSetting,
                $"Expected a pattern of 1 to {LoraMatch.LongestPattern} characters.",
                "filter.name"
            );
        var origin = filter.Origin switch
        {
            null => (LoraOrigin?)null,
            "uploaded" => LoraOrigin.Uploaded,
            "shipped" => LoraOrigin.Shipped,
            _ => throw new ProblemException(RecycleProblems.InvalidSetting, "Expected uploaded or shipped.", "filter.origin"),
        };
        // What a filter matches by chance and nobody can recycle is passed over; of an id it is said.
        var match = new LoraMatch(filter.Name, filter.Family, filter.Rank, origin);
        return [.. market.All().Where(lora => WhyNot(lora) is null && match.Fits(lora))];
    }

    private string? WhyNot(Lora lora) =>
        lora.Facts switch
        {
            var facts when facts.Model != check.Model =>
                $"Expected a LoRA for the current model, '{check.Model}'; this one was made for '{facts.Model}'.",
            { ClassCount: null } =>
                "Expected a LoRA with the head it was tuned with; this one has no head. Upload it with head.safetensors.",
            { ClassCount: < 2 } => "Expected a head of at least 2 classes; this one has 1.",
            _ => null,
        };
}
