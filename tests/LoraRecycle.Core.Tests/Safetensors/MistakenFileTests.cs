using System.Text;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Safetensors;

namespace LoraRecycle.Core.Tests.Safetensors;

/// <summary>What lies under the name of a safetensors file where a download went wrong.</summary>
public sealed class MistakenFileTests : IDisposable
{
    private const string Pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0\nsize 12345\n";

    private readonly ScratchFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Pointer, "a pointer of Git LFS")]
    [InlineData("<!DOCTYPE html><html><title>404</title></html>", "a web page")]
    [InlineData("<!doctype html><html lang=en>", "a web page")]
    [InlineData("<html><body>not found</body></html>", "a web page")]
    [InlineData("PK\u0003\u0004 archive/data.pkl", "pickled")]
    public void A_file_of_another_kind_is_called_what_it_is(string content, string kind) => Assert.Contains(
        kind,
        Assert.Throws<SafetensorsException>(
            () => SafetensorsFile.Open(folder.Write("model.safetensors", Encoding.Latin1.GetBytes(content)))
        ).Message,
        StringComparison.Ordinal
    );

    [Fact]
    public void A_pickle_of_old_is_told_too() =>
        Assert.Contains("pickled", MistakenFile.Found([0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9]), StringComparison.Ordinal);

    [Fact]
    public void A_header_of_a_length_that_reads_like_another_file_is_a_header()
    {
        // 0x04034B50 bytes of JSON begin with the signature of an archive.
        Assert.Null(MistakenFile.Found([.. "PK\u0003\u0004\0\0\0\0{"u8]));
        Assert.Null(MistakenFile.Found([8, 0, 0, 0]));
    }

    [Fact]
    public void A_pointer_in_the_place_of_a_picture_is_called_so() =>
        Assert.Contains("Git LFS", ImageSignature.Describe(Encoding.ASCII.GetBytes(Pointer)), StringComparison.Ordinal);
}
