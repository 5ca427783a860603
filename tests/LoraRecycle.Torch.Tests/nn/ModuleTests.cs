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
    public void A_module_frees_what_it_owns()
    {
        var block = new Block();
        var owned = block.state_dict().Values.ToList();
        Assert.All(owned, tensor => Assert.False(tensor.IsInvalid));
        block.Dispose();
        Assert.All(owned, tensor => Assert.True(tensor.IsInvalid));
        block.Dispose();
    }

    [Fact]
    public void A_name_is_registered_once_and_a_modules_has_no_dots()
    {
        using var block = new Block();
        using var other = Linear(1, 1);
        Assert.Throws<InvalidOperationException>(() => block.register_parameter("scale", block.Scale));
        Assert.Throws<InvalidOperationException>(() => block.register_buffer("offset", block.Offset));
        Assert.ThrowsAny<ArgumentException>(() => block.register_module("a.b", other));
    }

    [Fact]
    public void A_module_list_names_its_modules_by_their_numbers()
    {
        using var list = ModuleList(Linear(1, 2), Linear(2, 3));
        Assert.Equal(["0.bias", "0.weight", "1.bias", "1.weight"], list.state_dict().Keys.Order());
        Assert.Equal(2, list.Count);
        Assert.Equal([3L, 2], list[1].weight!.shape);
        Assert.Equal(list.Select(module => module.weight!.shape[0]), [2L, 3]);
    }
}
