using LoraRecycle.Tests;

namespace LoraRecycle.Client.Tests;

/// <summary>Photographs that come with the service.</summary>
internal static class Photograph
{
    public static string Cup { get; } = Repository.PathOf("samples", "cup", "image_0046.jpg");

    public static string AnotherCup { get; } = Repository.PathOf("samples", "cup", "image_0047.jpg");

    public static string Chair { get; } = Repository.PathOf("samples", "chair", "image_0051.jpg");

    public static string Airplane { get; } =
        Directory.GetFiles(Repository.PathOf("samples", "airplanes")).Order(StringComparer.Ordinal).First();

    public static SupportSet CupAndChair => new() { ["cup"] = [Cup], ["chair"] = [Chair] };
}
