namespace LoraRecycle.Torch.Tests.Numerics;

/// <summary>Says which operators of libtorch a test checks that are in no table: those that draw numbers, make tensors or return no tensor.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CoversAttribute(params string[] operators) : Attribute
{
    public string[] Operators { get; } = operators;
}
