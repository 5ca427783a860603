using LoraRecycle.Core.DataSets;
using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Evaluation;

public sealed class DataSetSplitsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("caltech101-72", SplitPart.Train, 64)]
    [InlineData("caltech101-72", SplitPart.Val, 16)]
    [InlineData("caltech101-72", SplitPart.Test, 20)]
    [InlineData("caltech101-72", SplitPart.All, 100)]
    [InlineData("omniglot-small", SplitPart.All, 242)]
    public void The_shipped_splits_name_classes_that_the_shipped_data_has(string name, SplitPart part, int classes)
    {
        using var data = ImageDataSet.Open(Repository.PathOf("data", name + ".zip"));
        var splits = DataSetSplits.Load(Repository.PathOf("data", "splits.json"));
        Assert.Equal(classes, data.Select(splits.Classes(data.Name, part)).Count);
    }

    [Fact]
    public void A_class_in_two_parts_is_refused() =>
        AssertRefused("""{"d": {"train": ["cup", "chair"], "test": ["cup"]}}""", "'cup' of 'd' twice");

    [Fact]
    public void Text_that_is_no_split_file_is_refused_with_the_form_expected() =>
        AssertRefused("[1, 2]", "is not of the form");

    [Fact]
    public void Unknown_data_sets_and_parts_are_answered_with_the_known_ones()
    {
        var splits = DataSetSplits.Load(_folder.Write("splits.json", """{"d": {"test": ["cup"]}}"""));
        Assert.Contains(
            "it has: d.",
            Assert.Throws<DataSetException>(() => splits.Classes("other", SplitPart.Test)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "it has: test.",
            Assert.Throws<DataSetException>(() => splits.Classes("d", SplitPart.Val)).Message,
            StringComparison.Ordinal
        );
    }

    private void AssertRefused(string json, string because) =>
        Assert.Contains(
            because,
            Assert.Throws<DataSetException>(() => DataSetSplits.Load(_folder.Write("splits.json", json))).Message,
            StringComparison.Ordinal
        );
}
