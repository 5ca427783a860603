using System.Text.Json.Serialization;
using static LoraRecycle.Core.Method.Tuning.Options.TuningException;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>Which parts of the model are tuned.</summary>
public sealed record ChoiceSettings
{
    public Chosen By { get; init; }

    /// <summary>How many of them are kept after a search, as a share.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>Steps of a search; each looks at both halves of the images.</summary>
    public int SearchSteps { get; init; } = 100;

    /// <summary>Adam's learning rate of what is searched with.</summary>
    public double SearchRate { get; init; } = 0.03;

    /// <summary>LISA: how many blocks move at a time.</summary>
    public int Active { get; init; } = 2;

    /// <summary>LISA: for how many steps.</summary>
    public int Interval { get; init; } = 20;

    /// <summary>Of each class, to be tuned on: a search needs two halves of two images.</summary>
    [JsonIgnore]
    public int LeastImages => By is Chosen.Layers or Chosen.Blocks ? 4 : 1;

    internal void Validate(LoraForm form)
    {
        Require(Share is > 0 and <= 1, "a share above 0 and at most 1 to choose", Share);
        Require(SearchSteps >= 1, "at least 1 step of a search", SearchSteps);
        Require(SearchRate is > 0 and <= 100, "a rate of a search above 0 and at most 100", SearchRate);
        Require(Active >= 1, "at least 1 active block", Active);
        Require(Interval >= 1, "an interval of at least 1 step", Interval);
        if (By is Chosen.Layers or Chosen.Blocks && form != LoraForm.Lora)
            throw new TuningException($"Expected form {LoraForm.Lora} for a search of {By}; got {form}.") { Setting = nameof(By) };
    }
}

/// <summary>How the parts that are tuned are found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Chosen>))]
public enum Chosen
{
    /// <summary>All targets.</summary>
    All,

    /// <summary>The targets whose weights a search raised most (DiffoRA).</summary>
    Layers,

    /// <summary>The blocks whose weights a search raised most (Flexora).</summary>
    Blocks,

    /// <summary>A few blocks at a time, drawn anew (LISA).</summary>
    Sampled,
}
