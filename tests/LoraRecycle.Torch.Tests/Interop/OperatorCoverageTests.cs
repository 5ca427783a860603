using System.Reflection;
using LoraRecycle.Torch.Tests.Numerics;
using TorchSharp.Interop;

namespace LoraRecycle.Torch.Tests.Interop;

public class OperatorCoverageTests
{
    private static readonly FieldInfo[] Declared = [.. typeof(Aten).GetFields().Where(field => field.FieldType == typeof(Operator))];

    private static readonly HashSet<string> Tested =
    [
        .. OperatorTests.Rows.Values.SelectMany(row => row.Operators),
        .. typeof(OperatorCoverageTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttribute<CoversAttribute>()?.Operators ?? []),
    ];

    [Fact]
    public void No_operator_is_without_a_row_or_a_test_that_names_it() => Assert.Empty(Declared.Select(field => field.Name).Except(Tested));

    [Fact]
    public void No_test_names_an_operator_that_is_gone() => Assert.Empty(Tested.Except(Declared.Select(field => field.Name)));

    [Fact]
    public void Every_operator_is_found_in_this_libtorch()
    {
        var missing = Declared.Where(field => field.GetValue(null) is Operator { Exists: false }).Select(field => field.Name);
        // The fused attention came with libtorch 2.0; before it the layer takes three operators.
        Assert.Empty(missing.Except(Libtorch.Version.StartsWith("1.", StringComparison.Ordinal) ? [nameof(Aten.ScaledDotProductAttention)] : []));
    }

    [Fact]
    public void An_unknown_operator_is_refused_by_its_name()
    {
        var unknown = new Operator("aten::no_such_thing", "out");
        Assert.False(unknown.Exists);
        var error = Assert.Throws<TorchException>(() => unknown.Call());
        Assert.Contains("aten::no_such_thing", error.Message, StringComparison.Ordinal);
        Assert.Contains(Libtorch.Version, error.Message, StringComparison.Ordinal);
    }
}
