using System.Runtime.CompilerServices;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>Settings that cannot be tuned with.</summary>
public sealed class TuningException(string message) : Exception(message)
{
    /// <summary>The property of <see cref="TuningSettings"/> at fault, as in <c>Form.Keep</c>; null where it is none alone.</summary>
    public string? Setting { get; init; }

    /// <param name="holds">What must.</param>
    /// <param name="expectation">In words.</param>
    /// <param name="got">What there is instead.</param>
    /// <param name="setting">The setting's name, which an expression begins with.</param>
    /// <exception cref="TuningException">It does not hold.</exception>
    internal static void Require(
        bool holds, string expectation, double got, [CallerArgumentExpression(nameof(got))] string setting = "")
    {
        if (!holds)
            throw new TuningException(FormattableString.Invariant($"Expected {expectation}; got {got}."))
            {
                Setting = setting.Split(' ')[0],
            };
    }

    /// <summary>Checks a section of the settings, whose name goes before those of its own.</summary>
    internal static void In(string section, Action validate)
    {
        try
        {
            validate();
        }
        catch (TuningException exception) when (exception.Setting is { } setting && !setting.Contains('.', StringComparison.Ordinal))
        {
            // A rank is that of all layers, whichever section has a limit to it.
            var path = setting == "rank" ? nameof(TuningSettings.Rank) : $"{section}.{setting}";
            throw new TuningException(exception.Message) { Setting = path };
        }
    }
}
