namespace LoraRecycle.Core.Tests.Tuning;

/// <summary>Progress as it is reported, on the thread that reports it.</summary>
internal sealed class Recorder<T>(Action<T>? then = null) : IProgress<T>
{
    public List<T> Reports { get; } = [];

    public void Report(T value)
    {
        Reports.Add(value);
        then?.Invoke(value);
    }
}
