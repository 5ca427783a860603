using Mono.Cecil;
using Mono.Cecil.Cil;

namespace LoraRecycle.Architecture;

/// <summary>Which namespaces of an assembly look at which others of it, as compiled: signatures, attributes, fields and bodies.</summary>
internal sealed class NamespaceGraph
{
    private readonly string _root;
    private readonly SortedDictionary<string, SortedDictionary<string, string>> _arrows = new(StringComparer.Ordinal);

    private NamespaceGraph(string root) => _root = root;

    /// <summary>For each namespace, relative to the assembly's own, those that it looks at, each with a member that does.</summary>
    public IReadOnlyDictionary<string, SortedDictionary<string, string>> Arrows => _arrows;

    public static NamespaceGraph Of(string assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll");
        using var definition = AssemblyDefinition.ReadAssembly(path);
        // The program's file has its own name.
        var graph = new NamespaceGraph(assembly == "lora-recycle" ? "LoraRecycle.Cli" : assembly);
        foreach (var type in definition.MainModule.Types.Where(type => graph.Relative(type) is not null))
            graph.Add(type, graph.Relative(type)!);
        return graph;
    }

    /// <summary>A path that comes back to where it began; empty when there is none.</summary>
    public IReadOnlyList<string> FindCircle()
    {
        var (done, path) = (new HashSet<string>(StringComparer.Ordinal), new List<string>());
        foreach (var room in _arrows.Keys)
            if (Visit(room) is { Count: > 0 } circle)
                return circle;
        return [];

        IReadOnlyList<string> Visit(string room)
        {
            if (path.IndexOf(room) is >= 0 and var start)
                return [.. path.Skip(start), room];
            if (done.Contains(room) || !_arrows.TryGetValue(room, out var next))
                return [];
            path.Add(room);
            foreach (var other in next.Keys)
                if (Visit(other) is { Count: > 0 } circle)
                    return circle;
            path.RemoveAt(path.Count - 1);
            done.Add(room);
            return [];
        }
    }

    private void Add(TypeDefinition type, string room)
    {
        Look(room, type.BaseType, type);
        foreach (var one in type.Interfaces)
            Look(room, one.InterfaceType, type);
        foreach (var attribute in type.CustomAttributes)
            Look(room, attribute.AttributeType, type);
        foreach (var field in type.Fields)
            Look(room, field.FieldType, field);
        foreach (var method in type.Methods)
            Add(method, room);
        foreach (var nested in type.NestedTypes)
            Add(nested, room);
    }

    private void Add(MethodDefinition method, string room)
    {
        Look(room, method.ReturnType, method);
        foreach (var parameter in method.Parameters)
            Look(room, parameter.ParameterType, method);
        foreach (var attribute in method.CustomAttributes)
            Look(room, attribute.AttributeType, method);
        if (!method.HasBody)
            return;
        foreach (var variable in method.Body.Variables)
            Look(room, variable.VariableType, method);
        foreach (var handler in method.Body.ExceptionHandlers)
            Look(room, handler.CatchType, method);
        foreach (Instruction instruction in method.Body.Instructions)
            switch (instruction.Operand)
            {
                case TypeReference type:
                    Look(room, type, method);
                    break;
                case MethodReference called:
                    Look(room, called.DeclaringType, method);
                    foreach (var argument in (called as GenericInstanceMethod)?.GenericArguments ?? [])
                        Look(room, argument, method);
                    break;
                case FieldReference field:
                    Look(room, field.DeclaringType, method);
                    break;
            }
    }

    private void Look(string room, TypeReference? type, IMemberDefinition from)
    {
        foreach (var argument in (type as GenericInstanceType)?.GenericArguments ?? [])
            Look(room, argument, from);
        if (type is null || type.Scope is AssemblyNameReference || Relative(type.GetElementType()) is not { } other || other == room)
            return;
        if (!_arrows.TryGetValue(room, out var arrows))
            _arrows.Add(room, arrows = new SortedDictionary<string, string>(StringComparer.Ordinal));
        arrows.TryAdd(other, from.FullName);
    }

    /// <returns>The namespace without the root's; null where it is another one, such as that of generated code.</returns>
    private string? Relative(TypeReference type)
    {
        while (type.DeclaringType is not null)
            type = type.DeclaringType;
        return type.Namespace == _root ? "(root)"
            : type.Namespace.StartsWith($"{_root}.", StringComparison.Ordinal) ? type.Namespace[(_root.Length + 1)..]
            : null;
    }
}
