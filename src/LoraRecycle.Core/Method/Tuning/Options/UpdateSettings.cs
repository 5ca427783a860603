using System.Text.Json.Serialization;
using static LoraRecycle.Core.Method.Tuning.Options.TuningException;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>From gradients to new values.</summary>
public sealed record UpdateSettings
{
    public Adjustment Adjust { get; init; }

    /// <summary>ALLoRA's eta: each row's step is divided by sqrt(the row's norm + 1 / eta^2); 0 for none.</summary>
    public double RowRate { get; init; }

    /// <summary>B's learning rate in times of A's (LoRA+).</summary>
    public double BRate { get; init; } = 1;

    /// <summary>LaMDA: the share of the steps in which the columns of B are frozen, one after the other; 0 for never.</summary>
    public double FreezeB { get; init; }

    /// <summary>SoRA: by how much the entries of the gate shrink each step; what passes zero stays there until it is pushed further.
    /// </summary>
    public double GateThreshold { get; init; }

    /// <summary>How the gate shrinks.</summary>
    public GateRule GateRule { get; init; }

    internal void Validate(LoraForm form)
    {
        if (Adjust != Adjustment.None && form != LoraForm.Lora)
            throw new TuningException($"Expected form {LoraForm.Lora} to adjust gradients; got {form}.") { Setting = nameof(Adjust) };
        if (GateThreshold > 0 && form != LoraForm.Gate)
            throw new TuningException($"Expected form {LoraForm.Gate} for a gate's threshold; got {form}.")
            {
                Setting = nameof(GateThreshold),
            };
        Require(RowRate is >= 0 and <= 1000, "a row rate of 0 to 1000", RowRate);
        Require(BRate is > 0 and <= 1000, "a rate of B above 0 and at most 1000", BRate);
        Require(FreezeB is >= 0 and <= 1, "a share of 0 to 1 of the steps to freeze B in", FreezeB);
        Require(GateThreshold is >= 0 and <= 1, "a gate's threshold of 0 to 1", GateThreshold);
    }
}

/// <summary>SoRA's threshold, as its paper has it or as its authors' code does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GateRule>))]
public enum GateRule
{
    /// <summary>sign(g) max(|g| - threshold, 0).</summary>
    Formula,

    /// <summary>What is below twice the threshold dies, and the rest loses the threshold.</summary>
    Published,
}
