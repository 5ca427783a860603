using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace LoraRecycle.Service.Loras;

/// <summary>Which LoRAs to list, as the query of a URL says it.</summary>
internal sealed record LoraQuery(
    [property: FromQuery(Name = "limit"), Description("Most LoRAs of the answer: 1 to 1000, 100 when left out.")] string? Limit = null,
    [property: FromQuery(Name = "after"), Description("Where to go on: next of the answer before.")] string? After = null,
    [property: FromQuery(Name = "name"), Description("Only those whose name fits this pattern, in which * stands for any characters and ? for one.")] string? Name = null,
    [property: FromQuery(Name = "family"), Description("Only those of this family, such as lora.")] string? Family = null,
    [property: FromQuery(Name = "rank"), Description("Only those of this rank.")] string? Rank = null,
    [property: FromQuery(Name = "origin"), Description("Only those that were uploaded, or that are shipped.")] string? Origin = null);
