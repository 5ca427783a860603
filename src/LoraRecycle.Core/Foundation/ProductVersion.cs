using System.Reflection;

namespace LoraRecycle.Core.Foundation;

/// <summary>The version of this program, for the record of a run.</summary>
public static class ProductVersion
{
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
}
