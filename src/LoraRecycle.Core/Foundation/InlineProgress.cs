namespace LoraRecycle.Core.Foundation;

/// <summary>Hears of progress on the thread that makes it, and before it goes on. <see cref="Progress{T}"/> hears of it later, elsewhere.
/// </summary>
/// <param name="report">Called with each value.</param>
public sealed class InlineProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
