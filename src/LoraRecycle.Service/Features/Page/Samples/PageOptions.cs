using System.ComponentModel.DataAnnotations;

namespace LoraRecycle.Service.Features.Page.Samples;

/// <summary>The page at <c>/</c>.</summary>
public sealed class PageOptions
{
    public const string Section = "Page";

    /// <summary>
    /// The folder of the photographs that the page offers to try, in a folder for each class; looked for as
    /// <c>Models:Directory</c> is. Where it is not, the page offers none.
    /// </summary>
    [Required]
    public string Samples { get; set; } = "samples";
}
