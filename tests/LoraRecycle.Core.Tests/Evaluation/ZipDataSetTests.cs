using System.Buffers.Binary;
using System.IO.Compression;
using LoraRecycle.Core.DataSets;

namespace LoraRecycle.Core.Tests.Evaluation;

public sealed class ZipDataSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Class_folders_in_an_archive_read_like_class_folders_on_disk()
    {
        using var data = ImageDataSet.Open(Zip("b/2.jpg", "a/1.png", "b/10.jpg", "README.txt", "__MACOSX/b/._2.jpg", "a/"));
        Assert.Equal("data", data.Name);
        Assert.Equal(["a/1.png"], data.Classes[0].Images);
        Assert.Equal(["b/10.jpg", "b/2.jpg"], data.Classes[1].Images);
        Assert.Equal(Content("b/2.jpg"), data.Read("b/2.jpg"));
    }

    [Theory]
    [InlineData("../evil/1.jpg")]
    [InlineData("cup/../1.jpg")]
    [InlineData("cup/..")]
    [InlineData("/etc/1.jpg")]
    [InlineData("cup//1.jpg")]
    [InlineData("./1.jpg")]
    [InlineData("cup\\1.jpg")]
    [InlineData("C:/1.jpg")]
    [InlineData("cup/1\0.jpg")]
    [InlineData("cup/\u001b[2J.jpg")]
    public void A_hostile_name_condemns_the_archive(string name)
    {
        var e = Assert.Throws<DataSetException>(() => ImageDataSet.Open(Zip("cup/1.jpg", name)));
        Assert.Contains("unsafe name", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, char.IsControl);
    }

    [Fact]
    public void A_nested_folder_is_refused_with_advice()
    {
        var e = Assert.Throws<DataSetException>(() => ImageDataSet.Open(Zip("set/cup/1.jpg")));
        Assert.Contains("expected class/file", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_name_twice_is_refused() =>
        Assert.Contains(
            "twice",
            Assert.Throws<DataSetException>(() => ImageDataSet.Open(Zip("cup/1.jpg", "cup/1.jpg"))).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_file_that_is_no_archive_is_refused()
    {
        var path = _folder.Write("data.zip", "this is text");
        Assert.Contains(
            "not a readable ZIP",
            Assert.Throws<DataSetException>(() => ImageDataSet.Open(path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_entry_that_claims_to_be_huge_is_refused_before_it_is_unpacked()
    {
        var path = Zip("cup/1.jpg");
        var bytes = File.ReadAllBytes(path);
        // The central directory's record: signature "PK\1\2", the unpacked size 24 bytes further.
        var record = bytes.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(record + 24), 0x7fff_ffff);
        File.WriteAllBytes(path, bytes);
        using var data = ImageDataSet.Open(path);
        Assert.Contains(
            "unpacks to 2,147,483,647 bytes",
            Assert.Throws<DataSetException>(() => data.Read("cup/1.jpg")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_cut_off_archive_is_refused()
    {
        var path = Zip("cup/1.jpg", "cup/2.jpg");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^30]);
        Assert.Throws<DataSetException>(() => ImageDataSet.Open(path));
    }

    [Fact]
    public void Content_decides_what_a_picture_is_and_what_is_skipped_is_said()
    {
        using var data = ImageDataSet.Open(Zip("cup/1.jfif", "cup/2", "cup/notes.txt", "readme.md", "set/deep/readme.txt", "set/1.jpe"));
        Assert.Equal(["cup/1.jfif", "cup/2"], data.Classes[0].Images);
        Assert.Equal(["set/1.jpe"], data.Classes[1].Images);
        Assert.Equal(["cup/notes.txt", "readme.md", "set/deep/readme.txt"], data.Skipped);
        Assert.Contains("3 files skipped", data.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_whose_files_are_no_pictures_is_refused()
    {
        var message = Assert.Throws<DataSetException>(() => ImageDataSet.Open(Zip("cup/1.jpg", "ewer/notes.txt"))).Message;
        Assert.Contains("Class 'ewer' of data set 'data' has 1 file and no picture: ewer/notes.txt", message, StringComparison.Ordinal);
    }

    private static byte[] Content(string name) =>
        name.EndsWith(".txt", StringComparison.Ordinal) || name.EndsWith(".md", StringComparison.Ordinal)
            ? "text"u8.ToArray()
            : [.. Pictures.Jpeg, .. System.Text.Encoding.UTF8.GetBytes(name)];

    private string Zip(params string[] names)
    {
        var path = _folder["data.zip"];
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var name in names)
        {
            using var entry = archive.CreateEntry(name).Open();
            if (!name.EndsWith('/'))
                entry.Write(Content(name));
        }
        return path;
    }
}
