using LoraRecycle.Core.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_fixture_opens_and_every_tensor_in_it_is_read()
    {
        Assert.InRange(FileBytes.Golden.Count, 20, int.MaxValue);
        foreach (var path in FileBytes.Golden)
        {
            using var file = SafetensorsFile.Open(path);
            Assert.NotEmpty(file.Entries);
            foreach (var (name, entry) in file.Entries)
            {
                using var tensor = file.Read(name);
                Assert.Equal(entry.Shape, tensor.shape);
            }
        }
    }

    [Fact]
    public void Values_are_the_bytes_of_the_file()
    {
        using var file = SafetensorsFile.Open(folder.Write("a", FileBytes.Of(
            """{"w":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"i":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}""",
            [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-0.25f)])));

        using var weight = file.Read("w");
        using var number = file.Read("i");
        Assert.Equal([1.5f, -0.25f], weight.data<float>().ToArray());
        Assert.Equal(-2L, number.item<long>());
        Assert.Empty(number.shape);
    }

    [Theory]
    [InlineData("F16", "003c00c0")] // 1, -2
    [InlineData("BF16", "803f00c0")]
    [InlineData("F64", "000000000000f03f00000000000000c0")]
    [InlineData("I8", "01fe")]
    [InlineData("I16", "0100feff")]
    [InlineData("I32", "01000000feffffff")]
    [InlineData("I64", "0100000000000000feffffffffffffff")]
    public void Each_type_is_converted_on_request(string dtype, string hex)
    {
        var data = Convert.FromHexString(hex);
        using var file = SafetensorsFile.Open(folder.Write("a", FileBytes.Of(
            $$$"""{"w":{"dtype":"{{{dtype}}}","shape":[2],"data_offsets":[0,{{{data.Length}}}]}}""", data)));
        using var tensor = file.Read("w", torch.float32);
        Assert.Equal(torch.float32, tensor.dtype);
        Assert.Equal([1f, -2f], tensor.data<float>().ToArray());
    }

    [Fact]
    public void A_tensor_outlives_its_file()
    {
        var path = folder.Write("a", FileBytes.Of("""{"w":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", 1, 2, 3));
        torch.Tensor tensor;
        using (var file = SafetensorsFile.Open(path))
            tensor = file.Read("w");
        File.Delete(path);
        using (tensor)
            Assert.Equal<byte>([1, 2, 3], tensor.bytes.ToArray());
    }

    [Fact]
    public void A_tensor_without_elements_is_read()
    {
        using var file = SafetensorsFile.Open(
            folder.Write("a", FileBytes.Of("""{"w":{"dtype":"F32","shape":[0,4],"data_offsets":[0,0]}}"""))
        );
        using var tensor = file.Read("w");
        Assert.Equal([0L, 4L], tensor.shape);
    }

    [Fact]
    public void A_name_that_is_not_there_is_refused_with_names_that_are()
    {
        using var file = SafetensorsFile.Open(
            folder.Write("a", FileBytes.Of("""{"weight":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1))
        );
        var message = Assert.Throws<SafetensorsException>(() => file.Read("wieght")).Message;
        Assert.Contains("no tensor 'wieght'", message, StringComparison.Ordinal);
        Assert.Contains("'weight'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bool_other_than_0_and_1_is_refused()
    {
        using var file = SafetensorsFile.Open(
            folder.Write("a", FileBytes.Of("""{"mask":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}""", 1, 0, 2))
        );
        Assert.Contains("'mask'", Assert.Throws<SafetensorsException>(() => file.Read("mask")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        var whole = File.ReadAllBytes(FileBytes.Golden.MinBy(path => new FileInfo(path).Length)!);
        for (var length = 0; length < whole.Length; length++)
        {
            var path = folder.Write("cut", whole.AsSpan(0, length));
            Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path));
        }
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_open_is_an_error_and_not_a_crash()
    {
        var path = folder.Write("a", FileBytes.Of("""{"w":{"dtype":"U8","shape":[65536],"data_offsets":[0,65536]}}""", new byte[65536]));
        using var file = SafetensorsFile.Open(path);
        using (var other = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
            other.SetLength(1000);
        var message = Assert.Throws<SafetensorsException>(() => file.Read("w")).Message;
        Assert.Contains("'w'", message, StringComparison.Ordinal);
        Assert.Contains("became shorter", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10_000_000_000, "the format allows 100000000")]
    [InlineData(ulong.MaxValue, "the format allows 100000000")]
    [InlineData(99_999_999, "has only 2 after the length")]
    public void A_header_that_cannot_be_there_is_refused_without_the_memory_it_asks_for(ulong announced, string reason)
    {
        var path = folder.Write("a", FileBytes.OfLength(announced, "{}"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path)).Message;
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_of_a_million_tensors_is_refused_while_it_is_read()
    {
        var header = string.Join(
            ',', Enumerable.Range(0, 250_000).Select(i => $"\"{i}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"));
        var path = folder.Write("a", FileBytes.Of($"{{{header}}}"));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var message = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path)).Message;

        Assert.Contains("more than 100000 tensors", message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
    }

    [Fact]
    public void A_header_larger_than_any_model_s_is_refused_before_it_is_read()
    {
        var path = folder.Write("a", FileBytes.Of($"{{{new string(' ', 17 << 20)}}}"));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var message = Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path)).Message;

        Assert.Contains("at most 16777216 are read", message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_header_of_more_notes_than_any_program_writes_is_refused_while_it_is_read()
    {
        var notes = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"{i}\":\"\""));
        var path = folder.Write("a", FileBytes.Of($"{{\"__metadata__\":{{{notes}}}}}"));

        Assert.Contains(
            "more than 10000 strings",
            Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_is_no_file_is_refused_by_name()
    {
        Assert.Contains(
            "missing",
            Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(folder.PathOf("missing"))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<SafetensorsException>(() => SafetensorsFile.Open(folder.Path));
    }
}
