using LoraRecycle.Torch.Tests.nn;
using LoraRecycle.Torch.Tests.Numerics;
using LoraRecycle.Torch.Tests.Tensors;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests;

/// <summary>Every operator that the layer exposes, against plain C# and against finite differences.</summary>
public class OperatorTests
{
    private static readonly OperatorTable[] Tables =
    [
        ArithmeticRows.Table, ComparisonRows.Table, ActivationRows.Table, ReductionRows.Table, ShapeRows.Table, IndexingRows.Table,
        ConversionRows.Table, FunctionalRows.Table, LossRows.Table, InterpolationRows.Table,
    ];

    internal static Dictionary<string, OperatorRow> Rows { get; } = Tables.SelectMany(table => table).ToDictionary(row => row.Name);

    public static TheoryData<string> All => [.. Rows.Keys];

    public static TheoryData<string> Differentiable => [.. Rows.Values.Where(row => row.Differentiable).Select(row => row.Name)];

    [Theory, MemberData(nameof(All))]
    public void Forward_is_what_plain_loops_compute(string name)
    {
        using var scope = NewDisposeScope();
        var row = Rows[name];
        var actual = row.Compute([.. row.Inputs.Select(input => input.ToTensor())]);
        Close.Assert(row.Expect(row.Inputs), NdArray.FromTensor(actual));
    }

    [Theory, MemberData(nameof(Differentiable))]
    public void Gradients_are_what_finite_differences_say(string name) => GradientCheck.Assert(Rows[name].Compute, Rows[name].Inputs);
}
