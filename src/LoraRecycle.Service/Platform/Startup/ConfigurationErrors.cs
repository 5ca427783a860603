using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Startup;

/// <summary>What a start that failed says about the configuration.</summary>
public static class ConfigurationErrors
{
    /// <summary>Finds every configuration error in what a start threw; each names its setting.</summary>
    /// <returns>False when the start failed for another reason.</returns>
    public static bool TryFind(Exception exception, [NotNullWhen(true)] out IReadOnlyList<string>? errors)
    {
        errors = exception switch
        {
            OptionsValidationException one => [.. one.Failures],
            AggregateException many when many.InnerExceptions.All(inner => inner is OptionsValidationException) =>
                [.. many.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures).Distinct()],
            _ => null,
        };
        return errors is not null;
    }
}
