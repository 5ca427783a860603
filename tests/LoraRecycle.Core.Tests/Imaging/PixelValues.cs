using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace LoraRecycle.Core.Tests.Imaging;

/// <summary>Reads one float32 tensor of a safetensors file.</summary>
internal static class PixelValues
{
    public static float[] Read(string path, string name)
    {
        var file = File.ReadAllBytes(path);
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        using var json = JsonDocument.Parse(file.AsMemory(8, header));
        var entry = json.RootElement.GetProperty(name);
        Assert.Equal("F32", entry.GetProperty("dtype").GetString());
        var offsets = entry.GetProperty("data_offsets");
        var data = file.AsSpan(8 + header)[offsets[0].GetInt32()..offsets[1].GetInt32()];
        return MemoryMarshal.Cast<byte, float>(data).ToArray();
    }
}
