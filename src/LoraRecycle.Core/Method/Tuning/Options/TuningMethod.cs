namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>A published way to tune: a name for how it sets the parts of a tuner.</summary>
/// <param name="Name">What a command line calls it.</param>
/// <param name="Title">What a table calls it.</param>
/// <param name="Paper">Where it was published.</param>
/// <param name="Idea">What it does, in a sentence for those who choose.</param>
/// <param name="Apply">Sets what it sets.</param>
public sealed record TuningMethod(
    string Name, string Title, string Paper, string Idea, Func<TuningSettings, TuningSettings> Apply)
{
    /// <summary>Sets it to the values at which it is plain LoRA, bit for bit; null where it has none.</summary>
    public Func<TuningSettings, TuningSettings>? AtPlain { get; init; }

    /// <summary>A tuner's settings by this method.</summary>
    public TuningSettings On(TuningSettings settings) => Apply(settings) with { Method = Name };
}
