using System.Buffers.Binary;
using System.Text;
using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Safetensors;

/// <summary>Builds safetensors files by hand, right and wrong ones, independently of the writer.</summary>
internal static class FileBytes
{
    public static byte[] Of(string header, params byte[] data) => OfLength((ulong)Encoding.UTF8.GetByteCount(header), header, data);

    /// <summary>A file that announces a header of any length, whatever it has.</summary>
    public static byte[] OfLength(ulong announced, string header, params byte[] data)
    {
        var prefix = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, announced);
        return [.. prefix, .. Encoding.UTF8.GetBytes(header), .. data];
    }

    /// <summary>Every safetensors file among the fixtures.</summary>
    public static IReadOnlyList<string> Golden { get; } =
    [
        .. Directory
            .EnumerateFiles(Repository.PathOf("tests", "golden"), "*.safetensors", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Those that the format's own library wrote: models and adapters, but not the expected outputs.</summary>
    public static IReadOnlyList<string> GoldenByTheLibrary { get; } =
        [.. Golden.Where(path => Path.GetFileName(path) is "model.safetensors" or "adapter_model.safetensors")];
}
