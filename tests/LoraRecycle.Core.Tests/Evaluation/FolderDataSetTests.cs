using LoraRecycle.Core.DataSets;

namespace LoraRecycle.Core.Tests.Evaluation;

public sealed class FolderDataSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Classes_and_images_come_in_ordinal_order()
    {
        foreach (var file in new[] { "b/2.jpg", "b/10.jpg", "a/x.PNG", "B/1.webp" })
            _folder.Write(file, Pictures.Jpeg);
        using var data = ImageDataSet.Open(_folder.Path);
        Assert.Equal(["B", "a", "b"], data.Classes.Select(c => c.Name));
        Assert.Equal(["b/10.jpg", "b/2.jpg"], data.Classes[2].Images);
    }

    [Fact]
    public void What_is_no_image_of_a_class_is_passed_over_and_said()
    {
        foreach (var file in new[] { "cup/1.jpg", "cup/.hidden.jpg", "loose.jpg", ".git/x.jpg", "__MACOSX/cup.jpg" })
            _folder.Write(file, Pictures.Jpeg);
        _folder.Write("cup/notes.txt", "two cups");
        _folder.Write("cup/page", "<html>not found</html>");
        _folder.Write("cup/nothing", "");
        Directory.CreateDirectory(_folder["empty"]);
        using var data = ImageDataSet.Open(_folder.Path);
        Assert.Equal(["cup/1.jpg"], Assert.Single(data.Classes).Images);
        Assert.Equal(["cup/notes.txt", "cup/nothing", "cup/page", "loose.jpg"], data.Skipped);
        Assert.Contains("4 files skipped", data.Notice, StringComparison.Ordinal);
        Assert.Contains("cup/page (a web page)", data.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public void What_calls_itself_a_picture_stays_so_that_its_damage_is_told()
    {
        _folder.Write("cup/1.jpg", "no picture");
        using var data = ImageDataSet.Open(_folder.Path);
        Assert.Equal(["cup/1.jpg"], Assert.Single(data.Classes).Images);
        Assert.Null(data.Notice);
    }

    [Theory]
    [InlineData("a.jfif")]
    [InlineData("a.jpe")]
    [InlineData("a")]
    [InlineData("a.JPG.part")]
    [InlineData("photo of a cup.txt")]
    public void A_picture_is_one_whatever_it_is_called(string name)
    {
        _folder.Write($"cup/{name}", Pictures.Jpeg);
        using var data = ImageDataSet.Open(_folder.Path);
        Assert.Equal([$"cup/{name}"], Assert.Single(data.Classes).Images);
        Assert.Null(data.Notice);
    }

    [Fact]
    public void Every_kind_of_picture_is_known_by_its_content_even_one_that_has_to_be_converted()
    {
        var pictures = LoraRecycle.Tests.Repository.PathOf("tests", "LoraRecycle.Core.Tests", "Imaging", "fixtures");
        string[] others = [".md", ".json", ".ppm"];
        foreach (var path in Directory.GetFiles(pictures).Concat(Directory.GetFiles(Path.Combine(pictures, "pictures"))))
            if (!others.Contains(Path.GetExtension(path)) && !Path.GetFileName(path).StartsWith("leading_", StringComparison.Ordinal))
                _folder.Write($"all/{Path.GetFileName(path).Replace('.', '-')}", File.ReadAllBytes(path));
        using var data = ImageDataSet.Open(_folder.Path);
        Assert.Empty(data.Skipped);
        Assert.InRange(Assert.Single(data.Classes).Images.Count, 60, 200);
    }

    [Fact]
    public void A_class_whose_files_are_no_pictures_is_refused_with_their_names()
    {
        _folder.Write("cup/1.jpg", Pictures.Jpeg);
        _folder.Write("ewer/a", "text");
        _folder.Write("ewer/b.md", "text");
        var message = Assert.Throws<DataSetException>(() => ImageDataSet.Open(_folder.Path)).Message;
        Assert.Contains("Class 'ewer'", message, StringComparison.Ordinal);
        Assert.Contains("2 files and no picture: ewer/a (a text file), ewer/b.md (a text file)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_is_read_as_it_is()
    {
        _folder.Write("cup/1.jpg", Pictures.Jpeg);
        using var data = ImageDataSet.Open(_folder.Path);
        Assert.Equal(Pictures.Jpeg, data.Read("cup/1.jpg"));
    }

    [Fact]
    public void A_folder_without_classes_is_refused()
    {
        var e = Assert.Throws<DataSetException>(() => ImageDataSet.Open(_folder.Path));
        Assert.Contains("has no class folders", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_to_nothing_is_refused() =>
        Assert.Contains(
            "No data set at",
            Assert.Throws<DataSetException>(() => ImageDataSet.Open(_folder["absent"])).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Classes_asked_for_and_missing_are_named()
    {
        _folder.Write("cup/1.jpg", Pictures.Jpeg);
        using var data = ImageDataSet.Open(_folder.Path);
        var e = Assert.Throws<DataSetException>(() => data.Select(["cup", "unicorn"]));
        Assert.Contains("unicorn", e.Message, StringComparison.Ordinal);
    }
}
