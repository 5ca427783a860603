using System.Buffers.Binary;
using LoraRecycle.Core.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Safetensors;

public sealed class SafetensorsWriterTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_is_read_and_written_again_is_the_same_file()
    {
        Assert.InRange(FileBytes.GoldenByTheLibrary.Count, 15, int.MaxValue);
        foreach (var path in FileBytes.GoldenByTheLibrary)
        {
            using var scope = torch.NewDisposeScope();
            using var file = SafetensorsFile.Open(path);
            var copy = folder.PathOf("copy.safetensors");
            SafetensorsWriter.Write(
                copy, file.Entries.Keys.Reverse().Select(name => (name, file.Read(name))), file.Metadata.Count == 0 ? null : file.Metadata);
            Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(copy));
        }
    }

    [Fact]
    public void Every_type_comes_back_as_it_was()
    {
        using var scope = torch.NewDisposeScope();
        var source = torch.tensor(new float[] { 0, 1, 1, 0, 1, 0 }).reshape(2, 3);
        torch.ScalarType[] types =
        [
            torch.ScalarType.Bool, torch.ScalarType.Byte, torch.ScalarType.Int8, torch.ScalarType.Int16, torch.ScalarType.Int32,
            torch.ScalarType.Int64, torch.ScalarType.Float16, torch.ScalarType.BFloat16, torch.ScalarType.Float32, torch.ScalarType.Float64,
        ];
        var path = folder.PathOf("a.safetensors");
        SafetensorsWriter.Write(path, types.Select(type => (type.ToString(), source.to_type(type))));

        using var file = SafetensorsFile.Open(path);
        Assert.Equal(types.Length, file.Entries.Count);
        foreach (var type in types)
        {
            Assert.Equal(type, file.Read(type.ToString()).dtype);
            Assert.Equal(source.data<float>().ToArray(), file.Read(type.ToString(), torch.float32).data<float>().ToArray());
        }
    }

    [Fact]
    public void Views_scalars_and_empty_tensors_are_written_as_they_look()
    {
        using var scope = torch.NewDisposeScope();
        var path = folder.PathOf("a.safetensors");
        SafetensorsWriter.Write(path,
        [
            ("transposed", torch.tensor(new float[] { 1, 2, 3, 4, 5, 6 }).reshape(2, 3).transpose(0, 1)),
            ("scalar", torch.tensor(7L)),
            ("empty", torch.zeros(0, 3)),
        ]);

        using var file = SafetensorsFile.Open(path);
        Assert.Equal("[3, 2]", file.Entries["transposed"].ShapeText);
        Assert.Equal([1f, 4, 2, 5, 3, 6], file.Read("transposed").data<float>().ToArray());
        Assert.Equal(7L, file.Read("scalar").item<long>());
        Assert.Equal([0L, 3L], file.Read("empty").shape);
    }

    [Fact]
    public void The_data_starts_at_a_multiple_of_eight_bytes_whatever_the_names_are()
    {
        using var tensor = torch.ones(2);
        for (var length = 1; length <= 8; length++)
        {
            var path = folder.PathOf("a.safetensors");
            SafetensorsWriter.Write(
                path,
                [(new string('n', length), tensor)],
                new Dictionary<string, string> { ["note"] = "\"quoted\" ü" }
            );
            Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(File.ReadAllBytes(path)) % 8);
            using var file = SafetensorsFile.Open(path);
            Assert.Equal("\"quoted\" ü", file.Metadata["note"]);
        }
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_file_and_nothing_else()
    {
        using var tensor = torch.ones(2);
        var path = folder.PathOf("a.safetensors");
        SafetensorsWriter.Write(path, [("w", tensor)]);
        var before = File.ReadAllBytes(path);

        Assert.Contains(
            "'w'",
            Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Write(path, [("w", tensor), ("w", tensor)])).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<SafetensorsException>(() => SafetensorsWriter.Write(path, [("__metadata__", tensor)]));
        var disposed = torch.ones(2);
        disposed.Dispose();
        Assert.ThrowsAny<Exception>(() => SafetensorsWriter.Write(path, [("a", tensor), ("w", disposed)]));

        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_file_that_is_open_keeps_its_content_when_another_takes_its_name()
    {
        var path = folder.PathOf("a.safetensors");
        using var ones = torch.ones(2);
        using var zeros = torch.zeros(2);
        SafetensorsWriter.Write(path, [("w", ones)]);
        using var file = SafetensorsFile.Open(path);
        SafetensorsWriter.Write(path, [("w", zeros)]);
        using var read = file.Read("w");
        Assert.Equal([1f, 1f], read.data<float>().ToArray());
    }
}
