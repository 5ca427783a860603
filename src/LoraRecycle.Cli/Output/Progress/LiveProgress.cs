using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Core.Foundation;
using Spectre.Console;

namespace LoraRecycle.Cli.Output.Progress;

/// <summary>
/// A long run as it goes, on a terminal's standard error: a bar, steps a second, the loss and the time left. Silent where
/// that is no terminal, so that logs and scripts see results alone.
/// </summary>
internal static class LiveProgress
{
    /// <param name="error">The command's standard error.</param>
    /// <param name="work">Is given what to report to, and returns the result.</param>
    public static T Run<T>(TextWriter error, Func<IProgress<LiveStep>, T> work)
    {
        if (Console.IsErrorRedirected || !ReferenceEquals(error, Console.Error))
            return work(new InlineProgress<LiveStep>(_ => { }));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) });
        return console
            .Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left },
                new ProgressBarColumn(),
                new PercentageColumn(),
                new RemainingTimeColumn()
            )
            .Start(context =>
            {
                ProgressTask? task = null;
                var (stage, begun, clock) = ("", 0L, Stopwatch.StartNew());
                return work(new InlineProgress<LiveStep>(step =>
                {
                    if (task is null || step.Stage != stage)
                    {
                        // What was done before this run says nothing of its speed.
                        task?.StopTask();
                        (task, stage, begun) = (context.AddTask(""), step.Stage, step.Done);
                        clock.Restart();
                    }
                    task.MaxValue = step.Total;
                    task.Value = step.Done;
                    var loss = step.Loss is { } known ? string.Create(CultureInfo.InvariantCulture, $"  loss {known:0.000}") : "";
                    var speed = (step.Done - begun) / clock.Elapsed.TotalSeconds;
                    task.Description = Markup.Escape(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{step.What}  {(step.InBytes ? $"{ByteText.Of(speed)}/s" : $"{speed:0.0} it/s")}{loss}"));
                }));
            });
    }
}

/// <summary>Where a long run is.</summary>
/// <param name="What">What is under way.</param>
/// <param name="Done">Steps done, of everything.</param>
/// <param name="Total">Steps in all.</param>
/// <param name="Loss">The last step's loss, or null where there is none to speak of.</param>
/// <param name="Stage">Which of several stages it is of; each has a bar of its own.</param>
/// <param name="InBytes">Whether its steps are bytes.</param>
internal readonly record struct LiveStep(string What, long Done, long Total, double? Loss, string Stage = "", bool InBytes = false);
