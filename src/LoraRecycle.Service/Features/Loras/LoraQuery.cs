using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace LoraRecycle.Service.Features.Loras;

/// <summary>Which LoRAs to list, as the query of a URL says it.</summary>
internal sealed record LoraQuery
{
    [FromQuery(Name = "limit"), Description("Most LoRAs of the answer: 1 to 1000, 100 when left out.")]
    public string? Limit { get; init; }

    [FromQuery(Name = "after"), Description("Where to go on: next of the answer before.")]
    public string? After { get; init; }

    [FromQuery(Name = "name"), Description("Only those whose name fits this pattern, in which * stands for any characters and ? for one.")]
    public string? Name { get; init; }

    [FromQuery(Name = "family"), Description("Only those of this family, such as lora.")]
    public string? Family { get; init; }

    [FromQuery(Name = "rank"), Description("Only those of this rank.")]
    public string? Rank { get; init; }

    [FromQuery(Name = "origin"), Description("Only those that were uploaded, or that are shipped.")]
    public string? Origin { get; init; }
}
