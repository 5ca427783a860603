using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace LoraRecycle.Service.Features.Loras;

/// <summary>Which LoRAs to list, as the query of a URL says it.</summary>
internal sealed record LoraQuery
{
    [FromQuery(Name = "limit"), Description("The most LoRAs to return, 1 to 1000; 100 by default.")]
    public string? Limit { get; init; }

    [FromQuery(Name = "after"), Description("The next of the previous page.")]
    public string? After { get; init; }

    [FromQuery(Name = "name"), Description("Only LoRAs whose name matches this pattern: * matches any characters, ? matches one.")]
    public string? Name { get; init; }

    [FromQuery(Name = "family"), Description("Only LoRAs of this family, such as lora.")]
    public string? Family { get; init; }

    [FromQuery(Name = "rank"), Description("Only LoRAs of this rank.")]
    public string? Rank { get; init; }

    [FromQuery(Name = "origin"), Description("Only uploaded, or only shipped, LoRAs.")]
    public string? Origin { get; init; }
}
