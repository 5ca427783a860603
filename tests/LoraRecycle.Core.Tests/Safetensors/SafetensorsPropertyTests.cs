using FsCheck;
using FsCheck.Fluent;
using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Tests.Safetensors;

public sealed class SafetensorsPropertyTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Any_bytes_are_read_or_refused() =>
        Prop.ForAll(HostileBytes.Random.ToArbitrary(), bytes => ReadsOrRefuses(bytes)).Check(HostileBytes.Seeded(1_000));

    [Fact]
    public void Real_files_with_damage_are_read_or_refused()
    {
        foreach (var path in FileBytes.GoldenByTheLibrary.OrderBy(path => new FileInfo(path).Length).Where((_, i) => i % 5 == 0))
            Prop.ForAll(HostileBytes.Mutated(File.ReadAllBytes(path)).ToArbitrary(), bytes => ReadsOrRefuses(bytes))
                .Check(HostileBytes.Seeded(150));
    }

    private void ReadsOrRefuses(byte[] bytes)
    {
        var path = folder.Write("hostile.safetensors", bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using var file = SafetensorsFile.Open(path);
            long read = 0;
            foreach (var name in file.Entries.Keys)
            {
                using var tensor = file.Read(name);
                read += tensor.numel() * tensor.ElementSize;
            }

            Assert.InRange(read, 0, bytes.Length);
        }
        catch (SafetensorsException)
        {
            // Refused, as it may be; any other exception fails the property.
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000 + (100L * bytes.Length));
    }
}
