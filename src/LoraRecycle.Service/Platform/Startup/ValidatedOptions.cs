using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Startup;

/// <summary>Options bound to a section of the configuration and checked before the server starts.</summary>
public static class ValidatedOptions
{
    /// <summary>Binds a section; an unknown setting, a value that cannot be read and a value out of range are all errors that name the
    /// setting.</summary>
    public static IServiceCollection AddValidatedOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        services.AddSingleton<IValidateOptions<TOptions>>(new AnnotationsValidator<TOptions>(section));
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) => Bind(options, configuration.GetSection(section)))
            .ValidateOnStart();
        return services;
    }

    // Setting by setting, so that all errors are reported, and as an OptionsValidationException, so that those of other sections are, too.
    private static void Bind<TOptions>(TOptions options, IConfigurationSection section) where TOptions : class
    {
        var failures = new List<string>();
        var properties = typeof(TOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance);
        foreach (var setting in section.GetChildren())
        {
            var property = Array.Find(properties, property => property.Name.Equals(setting.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                failures.Add(
                    $"{setting.Path}: No such setting; {section.Path} has {string.Join(", ", properties.Select(known => known.Name))}."
                );
                continue;
            }
            try
            {
                property.SetValue(options, setting.Get(property.PropertyType));
            }
            catch (InvalidOperationException)
            {
                failures.Add($"{setting.Path}: Expected a value of type {property.PropertyType.Name}. Found '{setting.Value}'.");
            }
        }
        if (failures.Count > 0)
            throw new OptionsValidationException(section.Path, typeof(TOptions), failures);
    }

    /// <summary>Data annotations, each failure with the path of the setting and the value it has.</summary>
    private sealed class AnnotationsValidator<TOptions>(string section) : IValidateOptions<TOptions> where TOptions : class
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            var results = new List<ValidationResult>();
            if (Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true))
                return ValidateOptionsResult.Success;
            return ValidateOptionsResult.Fail(results.SelectMany(result => result.MemberNames.Select(member =>
                $"{section}:{member}: {result.ErrorMessage} Found '{typeof(TOptions).GetProperty(member)?.GetValue(options)}'.")));
        }
    }
}
