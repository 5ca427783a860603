using LoraRecycle.Torch.Tests.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LoraRecycle.Torch.Tests.nn;

public class ModuleTests
{
    private sealed class Block : Module<Tensor, Tensor>
    {
        public Block() : base(nameof(Block))
        {
            register_module("inner", Inner);
            register_parameter("scale", Scale);
            register_buffer("offset", Offset);
        }

        public Linear Inner { get; } = Linear(2, 3);

        public Parameter Scale { get; } = new(ones([3]));

        public Tensor Offset { get; } = zeros(3);

        public override Tensor forward(Tensor input) => Inner.call(input) * Scale + Offset;
    }

    [Fact]
    public void Names_are_dotted_paths_of_parameters_and_buffers()
    {
        using var block = new Block();
        Assert.Equal(["scale", "inner.weight", "inner.bias"], block.named_parameters().Select(entry => entry.name).OrderByDescending(name => name == "scale").ThenByDescending(name => name));
        Assert.Equal(["offset"], block.named_buffers().Select(entry => entry.name));
        Assert.Equal(["inner.bias", "inner.weight", "offset", "scale"], block.state_dict().Keys.Order());
        Assert.Equal(["scale"], block.named_parameters(recurse: false).Select(entry => entry.name));
        Assert.Equal(["inner"], block.named_children().Select(entry => entry.name));
        Assert.Equal(3, block.parameters().Count());
        Assert.Equal(nameof(Block), block.GetName());
    }

    [Fact]
    public void Calling_a_module_runs_its_forward()
    {
        using var scope = NewDisposeScope();
        using var block = new Block();
        var x = rand([4, 2]);
        Close.Assert(NdArray.FromTensor(functional.linear(x, block.Inner.weight!, block.Inner.bias)), NdArray.FromTensor(block.call(x)), 1e-6);
    }

    [Fact]
    public void Training_mode_reaches_the_children()
    {
        using var block = new Block();
        Assert.True(block.Inner.training);
        block.eval();
        Assert.False(block.training || block.Inner.training);
        block.train();
        Assert.True(block.training && block.Inner.training);
    }

    [Fact]
    public void Zero_grad_clears_or_zeroes()
    {
        using var scope = NewDisposeScope();
        using var block = new Block();
        block.call(ones([1, 2])).sum().backward();
        Assert.All(block.parameters(), parameter => Assert.NotNull(parameter.grad));
        block.zero_grad(set_to_none: false);
        Assert.Equal([0f, 0, 0], block.Scale.grad!.data<float>().ToArray());
        block.zero_grad();
        Assert.All(block.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void A_module_outlives_the_scope_it_was_built_in_and_frees_what_it_owns()
    {
        Block block;
        using (NewDisposeScope()) block = new Block();
        var owned = block.state_dict().Values.ToList();
        Assert.All(owned, tensor => Assert.False(tensor.IsInvalid));
        block.Dispose();
        Assert.All(owned, tensor => Assert.True(tensor.IsInvalid));
        block.Dispose();
    }
}
