using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LoraRecycle.Torch.Tests.Interop;

/// <summary>Arguments that make no sense come back as exceptions: a process that survives this class was not crashed.</summary>
public class HostileArgumentTests
{
    private static Tensor X => ones([2, 3]);

    private static Tensor Image => ones([1, 2, 4, 4]);

    private static readonly Dictionary<string, Action> Calls = new()
    {
        ["negative size"] = () => zeros([-1]),
        ["no such device type"] = () => zeros(1, device: new Device((DeviceType)99)),
        ["conv2d without groups"] = () => functional.conv2d(Image, ones([2, 2, 3, 3]), groups: 0),
        ["conv2d without stride"] = () => functional.conv2d(Image, ones([2, 2, 3, 3]), strides: [0, 0]),
        ["conv2d without dilation"] = () => functional.conv2d(Image, ones([2, 2, 3, 3]), dilation: [0, 0]),
        ["conv2d of a matrix"] = () => functional.conv2d(X, X),
        ["max_pool2d over nothing"] = () => functional.max_pool2d(Image, [0, 0]),
        ["max_pool2d without a kernel"] = () => functional.max_pool2d(Image, []),
        ["adaptive_avg_pool2d without a size"] = () => functional.adaptive_avg_pool2d(Image, []),
        ["adaptive_avg_pool2d of nothing"] = () => functional.adaptive_avg_pool2d(ones([1, 2, 0, 4]), [2, 2]),
        ["adaptive_avg_pool2d to less than nothing"] = () => functional.adaptive_avg_pool2d(Image, [-2, 2]),
        ["interpolate to one number"] = () => functional.interpolate(Image, [3], mode: InterpolationMode.Bicubic, antialias: true),
        ["interpolate to nothing"] = () => functional.interpolate(Image, [0, 3], mode: InterpolationMode.Bilinear),
        ["interpolate to everything"] = () => functional.interpolate(Image, [1L << 31, 1L << 31]),
        ["interpolate a matrix"] = () => functional.interpolate(X, [3, 3], mode: InterpolationMode.Bicubic),
        ["interpolate nothing"] = () => functional.interpolate(ones([1, 2, 0, 4]), [3, 3], mode: InterpolationMode.Bicubic, antialias: true),
        ["layer_norm over no dimension"] = () => functional.layer_norm(X, []),
        ["batch_norm with other channels"] = () => functional.batch_norm(X, ones([2]), ones([2])),
        ["linear of other widths"] = () => functional.linear(X, ones([3, 4])),
        ["attention between other heads"] = () => functional.scaled_dot_product_attention(ones([2, 3, 4]), ones([3, 2, 4]), ones([3, 2, 4])),
        ["attention to a number"] = () => functional.scaled_dot_product_attention(X, X, tensor(1f)),
        ["dropout of more than all"] = () => functional.dropout(X, 7),
        ["mse_loss with no such reduction"] = () => functional.mse_loss(X, X, (Reduction)9),
        ["split by nothing"] = () => X.split(0),
        ["split into less than nothing"] = () => X.split([-1, 3]),
        ["chunk into nothing"] = () => X.chunk(0),
        ["topk of more than there is"] = () => X.topk(9),
        ["linspace of less than nothing"] = () => linspace(0, 1, -4),
        ["arange that never ends"] = () => arange(0, 1, (Scalar)0),
        ["eye of less than nothing"] = () => eye(-4),
        ["randperm of less than nothing"] = () => randperm(-4),
        ["randint of an empty range"] = () => randint(5, 2, [3]),
        ["multinomial of nothing likely"] = () => zeros(3).multinomial(5),
        ["bernoulli_ beyond certainty"] = () => X.bernoulli_(7),
        ["normal_ of negative width"] = () => X.normal_(0, -1),
        ["diag of a cube"] = () => ones([2, 2, 2]).diag(),
        ["repeat less than never"] = () => X.repeat(-1, 2),
        ["repeat without dimensions"] = () => X.repeat(),
        ["flip twice"] = () => X.flip(0, 0),
        ["unbind a number"] = () => tensor(1f).unbind(),
        ["roll out of step"] = () => X.roll([1, 2], [0]),
        ["permute half"] = () => X.permute(0),
        ["view of a transpose"] = () => X.T.view(6),
        ["expand what is not one"] = () => X.expand(5, 5),
        ["squeeze no dimension"] = () => X.squeeze(7),
        ["softmax over no dimension"] = () => X.softmax(9),
        ["amax over no dimension"] = () => X.amax([7]),
        ["norm over no dimension"] = () => X.norm(7),
        ["cumsum over no dimension"] = () => X.cumsum(4),
        ["argmax of nothing"] = () => zeros(0).argmax(),
        ["max of nothing"] = () => zeros(0).max(),
        ["svd of a number"] = () => linalg.svd(tensor(1f)),
        ["svd of no numbers"] = () => linalg.svd(full([3, 3], float.NaN)),
        ["cat of nothing"] = () => cat([]),
        ["stack of nothing"] = () => stack([]),
        ["cdist of other widths"] = () => cdist(X, ones([2, 4])),
        ["where by numbers"] = () => where(X, X, X),
        ["scatter out of range"] = () => X.scatter(0, tensor(new long[] { 9 }, [1, 1]), X),
        ["put out of range"] = () => Put(9, ones([1, 3])),
        ["put of another shape"] = () => Put(0, ones([7])),
        ["mask of another shape"] = () => _ = X[tensor(new[] { true })],
        ["slice backwards"] = () => _ = X[TensorIndex.Slice(0, 1, -1)],
        ["integers to a negative power"] = () => ones([2], int64).pow(-1),
        ["copy of another shape"] = () => X.copy_(ones([9])),
    };

    public static TheoryData<string> Names => [.. Calls.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Nonsense_is_refused_by_a_message_and_not_by_a_crash(string name)
    {
        using var scope = NewDisposeScope();
        var error = Assert.ThrowsAny<TorchException>(Calls[name]);
        Assert.StartsWith("aten::", error.Message, StringComparison.Ordinal);
    }

    private static void Put(long row, Tensor value)
    {
        var target = X;
        target[TensorIndex.Tensor(tensor(new[] { row }))] = value;
    }
}
