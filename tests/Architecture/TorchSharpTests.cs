using Mono.Cecil;
using Mono.Cecil.Cil;

namespace LoraRecycle.Architecture;

/// <summary>The build's step (build/libtorch/KeepScalarsAlive.cs), seen on the assembly that a program is given.</summary>
public class TorchSharpTests
{
    private const string Scalar = "TorchSharp.Scalar";

    [Fact]
    public void Every_method_that_takes_a_scalar_keeps_it_until_it_returns()
    {
        using var torchSharp = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, "TorchSharp.dll"));
        var methods = torchSharp
            .MainModule.GetTypes()
            .SelectMany(type => type.Methods)
            .Where(method => method.HasBody && ScalarsOf(method) > 0)
            .ToArray();

        Assert.True(methods.Length > 100, $"{methods.Length} methods take a scalar.");
        Assert.Empty(methods.Where(method => !Keeps(method)).Select(method => method.FullName));
    }

    private static int ScalarsOf(MethodDefinition method) =>
        method.Parameters.Count(parameter => parameter.ParameterType.FullName == Scalar);

    /// <summary>Whether as many objects are kept right before each return as there are scalars.</summary>
    private static bool Keeps(MethodDefinition method) =>
        method
            .Body.Instructions.Where(instruction => instruction.OpCode == OpCodes.Ret)
            .All(end =>
            {
                var before = end.Previous;
                for (var kept = 0; kept < ScalarsOf(method); kept++, before = before.Previous.Previous)
                    if (before?.Operand is not MethodReference { FullName: "System.Void System.GC::KeepAlive(System.Object)" })
                        return false;
                return true;
            });
}
