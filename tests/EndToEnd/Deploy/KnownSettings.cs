using System.ComponentModel.DataAnnotations;
using System.Reflection;
using LoraRecycle.Service.Host;
using Microsoft.Extensions.Configuration;

namespace LoraRecycle.EndToEnd.Deploy;

/// <summary>The settings that the service has, told from its options: every type with a constant <c>Section</c>.</summary>
internal static class KnownSettings
{
    private static readonly string[] NoSettings = ["ASPNETCORE_", "DOTNET_", "NVIDIA_", "LORA_RECYCLE_ROOT", "LIBTORCH", "PATH"];

    private static readonly Dictionary<string, Type> Sections = typeof(ServiceHost).Assembly.GetTypes()
        .Select(type => (Type: type, Section: type.GetField("Section", BindingFlags.Public | BindingFlags.Static)))
        .Where(pair => pair.Section is { IsLiteral: true } && pair.Section.FieldType == typeof(string))
        .ToDictionary(pair => (string)pair.Section!.GetRawConstantValue()!, pair => pair.Type, StringComparer.OrdinalIgnoreCase);

    /// <summary>A setting's value as shipped.</summary>
    public static object? Default(string setting)
    {
        var (section, key) = (setting.Split(':')[0], setting.Split(':')[1]);
        return Sections[section].GetProperty(key)!.GetValue(Activator.CreateInstance(Sections[section]));
    }

    /// <summary>Fails unless an environment variable is a setting of the service, and its value one that the setting takes.</summary>
    /// <param name="where">What it is found in, for the message.</param>
    /// <param name="variable">Such as <c>Serving__MaxBatch</c>.</param>
    /// <param name="value">Null where it is a secret, or otherwise not known.</param>
    public static void AssertTakes(string where, string variable, string? value)
    {
        if (NoSettings.Any(prefix => variable.StartsWith(prefix, StringComparison.Ordinal)))
            return;
        var path = variable.Split("__");
        Assert.True(
            path.Length >= 2 && Sections.ContainsKey(path[0]),
            $"{where}: {variable} is no setting; the sections are {string.Join(", ", Sections.Keys.Order(StringComparer.Ordinal))}."
        );
        var options = Sections[path[0]];
        var property = options.GetProperty(path[1], BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
        Assert.True(
            property is not null,
            $"{where}: {variable} is no setting; {path[0]} has {string.Join(", ", options.GetProperties().Select(known => known.Name))}."
        );
        if (value is null)
            return;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(string.Join(':', path), value)]).Build();
        var bound = configuration.GetSection($"{path[0]}:{path[1]}").Get(property.PropertyType);
        Assert.True(bound is not null, $"{where}: {variable}={value}: expected a value of type {property.PropertyType.Name}.");
        var failures = new List<ValidationResult>();
        Validator.TryValidateValue(
            bound,
            new ValidationContext(bound) { MemberName = property.Name },
            failures,
            property.GetCustomAttributes<ValidationAttribute>()
        );
        Assert.True(failures.Count == 0, $"{where}: {variable}={value}: {string.Join(" ", failures)}");
    }
}
