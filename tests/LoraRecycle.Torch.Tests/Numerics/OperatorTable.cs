using System.Collections;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace LoraRecycle.Torch.Tests.Numerics;

/// <summary>One call of the public API, the operators of libtorch that it goes through, and what plain C# makes of the same inputs.</summary>
internal sealed record OperatorRow(
    string Name, string[] Operators, NdArray[] Inputs, Func<Tensor[], Tensor> Compute, Func<NdArray[], NdArray> Expect, bool Differentiable);

/// <summary>Rows of a feature's operators, written as a collection initialiser.</summary>
internal sealed class OperatorTable : IEnumerable<OperatorRow>
{
    private readonly List<OperatorRow> _rows = [];

    /// <summary>The general form.</summary>
    public void Add(string[] operators, NdArray[] inputs, Func<Tensor[], Tensor> compute, Func<NdArray[], NdArray> expect, bool differentiable = true)
    {
        var name = string.Join("+", operators);
        var earlier = _rows.Count(row => row.Name == name || row.Name.StartsWith(name + " #", StringComparison.Ordinal));
        _rows.Add(new(earlier == 0 ? name : $"{name} #{earlier + 1}", operators, inputs, compute, expect, differentiable));
    }

    /// <summary>One input, one operator.</summary>
    [OverloadResolutionPriority(1)]
    public void Add(string name, NdArray input, Func<Tensor, Tensor> compute, Func<NdArray, NdArray> expect, bool differentiable = true) =>
        Add([name], [input], x => compute(x[0]), x => expect(x[0]), differentiable);

    /// <summary>Element by element.</summary>
    public void Add(string name, NdArray input, Func<Tensor, Tensor> compute, Func<double, double> expect, bool differentiable = true) =>
        Add([name], [input], x => compute(x[0]), x => x[0].Map(expect), differentiable);

    /// <summary>Element by element over two inputs that are broadcast.</summary>
    public void Add(string name, NdArray left, NdArray right, Func<Tensor, Tensor, Tensor> compute, Func<double, double, double> expect, bool differentiable = true) =>
        Add([name], [left, right], x => compute(x[0], x[1]), x => x[0].Zip(x[1], expect), differentiable);

    /// <summary>Two inputs, one operator.</summary>
    [OverloadResolutionPriority(1)]
    public void Add(string name, NdArray left, NdArray right, Func<Tensor, Tensor, Tensor> compute, Func<NdArray, NdArray, NdArray> expect, bool differentiable = true) =>
        Add([name], [left, right], x => compute(x[0], x[1]), x => expect(x[0], x[1]), differentiable);

    public IEnumerator<OperatorRow> GetEnumerator() => _rows.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
