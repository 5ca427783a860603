using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>The committed pictures of the folder fixtures.</summary>
internal static class Fixture
{
    public static byte[] Read(string name) =>
        File.ReadAllBytes(Repository.PathOf("tests", "LoraRecycle.Core.Tests", "Imaging", "fixtures", name));
}
