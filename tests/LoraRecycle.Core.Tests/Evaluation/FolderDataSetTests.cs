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
            _folder.Write(file, [1]);
        using var data = ImageDataSet.Open(_folder.Path);
        Assert.Equal(["B", "a", "b"], data.Classes.Select(c => c.Name));
        Assert.Equal(["b/10.jpg", "b/2.jpg"], data.Classes[2].Images);
    }

    [Fact]
    public void What_is_no_image_of_a_class_is_passed_over()
    {
        foreach (var file in new[] { "cup/1.jpg", "cup/notes.txt", "cup/.hidden.jpg", "loose.jpg", ".git/x.jpg", "empty/readme.md" })
            _folder.Write(file, [1]);
        using var data = ImageDataSet.Open(_folder.Path);
        Assert.Equal(["cup/1.jpg"], Assert.Single(data.Classes).Images);
    }

    [Fact]
    public void An_image_is_read_as_it_is()
    {
        _folder.Write("cup/1.jpg", [1, 2, 3]);
        using var data = ImageDataSet.Open(_folder.Path);
        Assert.Equal([1, 2, 3], data.Read("cup/1.jpg"));
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
        _folder.Write("cup/1.jpg", [1]);
        using var data = ImageDataSet.Open(_folder.Path);
        var e = Assert.Throws<DataSetException>(() => data.Select(["cup", "unicorn"]));
        Assert.Contains("unicorn", e.Message, StringComparison.Ordinal);
    }
}
