using System.Collections;
using System.Reflection;
using System.Text.Json.Nodes;

namespace LoraRecycle.Client.Tests.Drift;

/// <summary>Calls every public method of a client, with everything given that can be given.</summary>
internal static class EveryCall
{
    public static IEnumerable<(object Of, MethodInfo Method)> Methods(LoraRecycleClient client) =>
        from of in typeof(LoraRecycleClient).GetProperties().Select(property => property.GetValue(client)!).Prepend(client)
        from method in of.GetType().GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        where !method.IsSpecialName && method.Name != nameof(IDisposable.Dispose)
        select (of, method);

    /// <returns>What came of it: of a list its first items, from two pages.</returns>
    public static async Task<object?> CallAsync(object of, MethodInfo method, string folder)
    {
        object?[] arguments =
            [.. method.GetParameters().Select(one => one.Name == "path" ? folder : Value(one.ParameterType))];
        var result = method.Invoke(of, arguments)!;
        if (result is Task task)
        {
            await task;
            return method.ReturnType.IsGenericType ? ((dynamic)task).Result : null;
        }
        var items = new List<object>();
        await foreach (var item in (IAsyncEnumerable<object>)result)
        {
            items.Add(item);
            if (items.Count == 2)
                break;
        }
        return items[0];
    }

    private static object? Value(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var one when one == typeof(string) => "x",
        var one when one == typeof(bool) => true,
        var one when one == typeof(int) => 1,
        var one when one == typeof(long) => 1L,
        var one when one == typeof(double) => 0.5,
        var one when one == typeof(CancellationToken) => TestContext.Current.CancellationToken,
        var one when one == typeof(JsonObject) => new JsonObject { ["any"] = "x" },
        var one when one == typeof(SupportSet) => new SupportSet { ["cup"] = [FileSource.FromBytes([1])] },
        var one when one == typeof(IReadOnlyDictionary<string, FileSource>) =>
            new Dictionary<string, FileSource> { ["lora.zip"] = new byte[] { 1 } },
        var one when one == typeof(IEnumerable<FileSource>) => new[] { FileSource.FromBytes([1]) },
        { IsInterface: true } one when one.IsAssignableTo(typeof(IEnumerable)) => ListOf(one.GenericTypeArguments[0]),
        var one => Filled(one),
    };

    private static Array ListOf(Type item)
    {
        var list = Array.CreateInstance(item, 1);
        list.SetValue(Value(item), 0);
        return list;
    }

    private static object Filled(Type type)
    {
        var made = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
            property.SetValue(made, Value(property.PropertyType));
        return made;
    }
}
