namespace TorchSharp;

public static partial class torch
{
    /// <summary>Opens a scope on this thread: tensors made until it is disposed are freed with it unless moved out.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScope.Open();
}

/// <summary>
/// Owns the tensors that its thread makes while it is the innermost scope. Scopes nest and are disposed innermost
/// first, on the thread that opened them; one that is not stops owning new tensors all the same.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic] private static DisposeScope? _current;

    private readonly DisposeScope? _outer;

    // Locked: a tensor may be disposed on another thread than the one whose scope owns it.
    private readonly HashSet<IDisposable> _disposables = new(ReferenceEqualityComparer.Instance);
    private volatile bool _disposed;

    private DisposeScope(DisposeScope? outer) => _outer = outer;

    public int DisposablesCount
    {
        get
        {
            lock (_disposables) return _disposables.Count;
        }
    }

    private static DisposeScope? Current => _current = Live(_current);

    internal static DisposeScope Open() => _current = new DisposeScope(Current);

    /// <summary>Hands a new tensor to the innermost scope of this thread, if there is one.</summary>
    internal static DisposeScope? Register(IDisposable disposable)
    {
        if (_current is null) return null;
        var scope = Current;
        scope?.Add(disposable);
        return scope;
    }

    public void Attach(IDisposable disposable)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningScope?.Forget(tensor);
            tensor.OwningScope = this;
        }
        Add(disposable);
    }

    /// <summary>Lets go of a tensor: nothing frees it any more but its owner.</summary>
    public T Detach<T>(T disposable) where T : IDisposable
    {
        if (Forget(disposable) && disposable is torch.Tensor tensor) tensor.OwningScope = null;
        return disposable;
    }

    /// <summary>Moves a tensor to the enclosing scope, or out of every scope where this is the outermost.</summary>
    public T MoveToOuter<T>(T disposable) where T : IDisposable
    {
        if (!Forget(disposable)) return disposable;
        var outer = Live(_outer);
        if (disposable is torch.Tensor tensor) tensor.OwningScope = outer;
        outer?.Add(disposable);
        return disposable;
    }

    internal bool Forget(IDisposable disposable)
    {
        lock (_disposables) return _disposables.Remove(disposable);
    }

    public void DisposeEverything()
    {
        IDisposable[] all;
        lock (_disposables)
        {
            all = [.. _disposables];
            _disposables.Clear();
        }
        foreach (var disposable in all) disposable.Dispose();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (ReferenceEquals(_current, this)) _current = _outer;
        DisposeEverything();
    }

    private void Add(IDisposable disposable)
    {
        lock (_disposables) _disposables.Add(disposable);
    }

    private static DisposeScope? Live(DisposeScope? scope)
    {
        while (scope is { _disposed: true }) scope = scope._outer;
        return scope;
    }
}
