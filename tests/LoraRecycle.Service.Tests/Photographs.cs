using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests;

/// <summary>The photographs of <c>samples/</c>, ten of each class.</summary>
internal static class Photographs
{
    public static byte[] Of(string label, int number) =>
        File.ReadAllBytes(Directory.GetFiles(Repository.PathOf("samples", label), "*.jpg").Order(StringComparer.Ordinal).ElementAt(number));

    public static string Base64(string label, int number) => Convert.ToBase64String(Of(label, number));
}
