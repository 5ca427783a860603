using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests;

public class DisposeScopeTests
{
    [Fact]
    public void A_scope_frees_what_was_made_in_it_and_nothing_else()
    {
        using var before = zeros(1);
        Tensor inside;
        using (var scope = NewDisposeScope())
        {
            inside = before.add(1);
            Assert.Equal(1, scope.DisposablesCount);
        }
        Assert.True(inside.IsInvalid);
        Assert.False(before.IsInvalid);
    }

    [Fact]
    public void The_innermost_scope_owns_and_results_are_moved_outwards()
    {
        Tensor kept, moved, dropped;
        using (var outer = NewDisposeScope())
        {
            using (var inner = NewDisposeScope())
            {
                dropped = zeros(1);
                moved = zeros(1).MoveToOuterDisposeScope();
                kept = inner.MoveToOuter(inner.MoveToOuter(zeros(1)));
            }
            Assert.True(dropped.IsInvalid);
            Assert.False(moved.IsInvalid);
            Assert.Equal(2, outer.DisposablesCount);
            kept.DetachFromDisposeScope();
        }
        Assert.True(moved.IsInvalid);
        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void Moving_out_of_the_outermost_scope_leaves_the_tensor_to_its_holder()
    {
        Tensor result;
        using (NewDisposeScope()) result = zeros(1).MoveToOuterDisposeScope();
        Assert.False(result.IsInvalid);
        result.Dispose();
    }

    [Fact]
    public void An_exception_frees_what_the_scope_owns()
    {
        Tensor? made = null;
        Assert.ThrowsAny<ExternalException>(() =>
        {
            using var scope = NewDisposeScope();
            made = zeros(1);
            _ = made[5];
        });
        Assert.True(made!.IsInvalid);
    }

    [Fact]
    public void Tuples_and_lists_belong_to_the_scope_too()
    {
        using var scope = NewDisposeScope();
        var x = arange(6, dtype: float32);
        var (values, indexes) = x.max(0);
        var parts = x.split(2);
        Assert.Equal(6, scope.DisposablesCount);
        scope.DisposeEverything();
        Assert.All([values, indexes, x, .. parts], tensor => Assert.True(tensor.IsInvalid));
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void A_tensor_disposed_by_hand_leaves_its_scope()
    {
        using var scope = NewDisposeScope();
        zeros(1).Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void What_another_scope_owns_is_not_detached_by_this_one()
    {
        Tensor owned;
        using (var outer = NewDisposeScope())
        {
            owned = zeros(1);
            using (var inner = NewDisposeScope()) inner.Detach(owned);
            Assert.Equal(1, outer.DisposablesCount);
        }
        Assert.True(owned.IsInvalid);
    }

    [Fact]
    public void A_parameter_takes_its_tensors_place_in_the_scope()
    {
        Parameter parameter;
        Tensor source;
        using (var scope = NewDisposeScope())
        {
            source = zeros(2);
            parameter = new Parameter(source);
            Assert.Equal(1, scope.DisposablesCount);
            Assert.True(source.IsInvalid);
            source.Dispose();
            Assert.Equal([2L], parameter.shape);
        }
        Assert.True(parameter.IsInvalid);
    }

    [Fact]
    public void Other_threads_tensors_belong_to_their_own_scopes()
    {
        using var scope = NewDisposeScope();
        Tensor? made = null;
        RunOnAnotherThread(() => made = zeros(1));
        Assert.Equal(0, scope.DisposablesCount);
        Assert.False(made!.IsInvalid);
        scope.Attach(made);
        Assert.Equal(1, scope.DisposablesCount);
        RunOnAnotherThread(made.Dispose);
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void A_scope_closed_out_of_turn_or_elsewhere_stops_owning_new_tensors()
    {
        var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        outer.Dispose();
        using var inInner = zeros(1);
        Assert.Equal(1, inner.DisposablesCount);
        RunOnAnotherThread(inner.Dispose);
        Assert.True(inInner.IsInvalid);
        using var free = zeros(1);
        Assert.Equal(0, inner.DisposablesCount);
        Assert.Equal(0, outer.DisposablesCount);
        using var next = NewDisposeScope();
        using var owned = zeros(1);
        Assert.Equal(1, next.DisposablesCount);
    }

    private static void RunOnAnotherThread(Action work)
    {
        var thread = new Thread(() => work());
        thread.Start();
        thread.Join();
    }
}
