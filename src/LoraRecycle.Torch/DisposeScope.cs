namespace TorchSharp;

public static partial class torch
{
    /// <summary>Opens a scope on this thread: tensors made until it is disposed are freed with it unless moved out.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScope.Open();
}

/// <summary>
/// Owns the tensors that its thread makes while it is the innermost scope. Scopes nest; they must be disposed on the
/// thread that opened them, innermost first.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic] private static DisposeScope? _current;

    private readonly DisposeScope? _outer;
    private readonly HashSet<IDisposable> _disposables = new(ReferenceEqualityComparer.Instance);
    private bool _disposed;

    private DisposeScope(DisposeScope? outer) => _outer = outer;

    public int DisposablesCount => _disposables.Count;

    internal static DisposeScope Open() => _current = new DisposeScope(_current);

    /// <summary>Hands a new tensor to the innermost scope of this thread, if there is one.</summary>
    internal static DisposeScope? Register(IDisposable disposable)
    {
        _current?._disposables.Add(disposable);
        return _current;
    }

    public void Attach(IDisposable disposable)
    {
        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningScope?._disposables.Remove(tensor);
            tensor.OwningScope = this;
        }
        _disposables.Add(disposable);
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        _disposables.Remove(disposable);
        if (disposable is torch.Tensor tensor) tensor.OwningScope = null;
        return disposable;
    }

    /// <summary>Moves a tensor to the enclosing scope, or out of every scope where this is the outermost.</summary>
    public T MoveToOuter<T>(T disposable) where T : IDisposable
    {
        if (!_disposables.Remove(disposable)) return disposable;
        if (disposable is torch.Tensor tensor) tensor.OwningScope = _outer;
        _outer?._disposables.Add(disposable);
        return disposable;
    }

    internal void Forget(IDisposable disposable) => _disposables.Remove(disposable);

    internal void Replace(IDisposable old, torch.Tensor replacement)
    {
        _disposables.Remove(old);
        _disposables.Add(replacement);
        replacement.OwningScope = this;
    }

    public void DisposeEverything()
    {
        var all = _disposables.ToArray();
        _disposables.Clear();
        foreach (var disposable in all) disposable.Dispose();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (ReferenceEquals(_current, this)) _current = _outer;
        DisposeEverything();
    }
}
