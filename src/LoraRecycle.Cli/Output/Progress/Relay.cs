namespace LoraRecycle.Cli.Output.Progress;

/// <summary>Reports one kind of progress as another, on the thread that reports it.</summary>
internal sealed class Relay<T>(IProgress<LiveStep> target, Func<T, LiveStep> convert) : IProgress<T>
{
    public void Report(T value) => target.Report(convert(value));
}
