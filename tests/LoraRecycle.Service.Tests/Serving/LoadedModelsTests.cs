using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Tests.Serving;

public sealed class LoadedModelsTests : IDisposable
{
    private readonly ControlledModel _foundation = new();

    public void Dispose() => _foundation.Dispose();

    private static ServedAdapter Of(string id) => new(id, $"revision of {id}", id);

    private string[] Made => [.. _foundation.Made.Select(adapter => adapter.Id)];

    [Fact]
    public void The_least_recently_used_makes_room_before_the_next_is_made_and_the_bare_model_never_does()
    {
        using var models = new LoadedModels(_foundation.Source, most: 2, () => ServedAdapter.None);
        var most = 0;
        _foundation.OnMake = _ => most = Math.Max(most, _foundation.Made.Count);
        var bare = models.For(ServedAdapter.None);
        foreach (var id in new[] { "a", "b", "a", "c" })
            models.For(Of(id));

        Assert.Equal(["none", "a", "c"], Made);
        Assert.Equal(["c", "a"], models.Adapters.Select(adapter => adapter.Id));
        Assert.Same(bare, models.For(ServedAdapter.None));
        Assert.Equal(2, most); // the bare one and one more, at the moment in which another is made
    }

    [Fact]
    public void The_active_one_stays_while_there_is_another_to_give_up()
    {
        using (var models = new LoadedModels(_foundation.Source, most: 2, () => Of("active")))
        {
            foreach (var id in new[] { "active", "a", "b", "c" })
                models.For(Of(id));
            Assert.Equal(["none", "active", "c"], Made);
        }
        using var single = new LoadedModels(_foundation.Source, most: 1, () => Of("active"));
        single.For(Of("active"));
        single.For(Of("a"));
        Assert.Equal(["none", "a"], Made);
    }

    [Fact]
    public void Another_revision_of_one_id_is_another_model()
    {
        using var models = new LoadedModels(_foundation.Source, most: 2, () => ServedAdapter.None);
        Assert.NotSame(models.For(new ServedAdapter("a", "r1", "a")), models.For(new ServedAdapter("a", "r2", "a")));
    }

    [Fact]
    public void One_that_cannot_be_put_on_says_so_and_those_that_are_on_stay()
    {
        using var models = new LoadedModels(_foundation.Source, most: 2, () => ServedAdapter.None);
        models.For(Of("a"));
        _foundation.OnMake = _ => throw new InvalidDataException("changed");
        var failure = Assert.Throws<AdapterMergeException>(() => models.For(Of("b")));

        Assert.Equal(("b", "changed"), (failure.Adapter.Id, failure.InnerException!.Message));
        Assert.Equal(["none", "a"], Made);
    }

    [Fact]
    public void All_go_when_it_goes()
    {
        var models = new LoadedModels(_foundation.Source, most: 2, () => ServedAdapter.None);
        models.For(Of("a"));
        models.Dispose();

        Assert.Empty(_foundation.Made);
        Assert.Empty(models.Adapters);
        Assert.True(_foundation.IsDisposed);
    }
}
