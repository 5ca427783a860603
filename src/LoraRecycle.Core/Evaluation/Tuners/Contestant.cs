using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>A method in a comparison, and what it gave so far.</summary>
/// <param name="method">The method.</param>
/// <param name="rate">Its learning rate, until another one is chosen.</param>
internal sealed class Contestant(TuningMethod method, double rate)
{
    public TuningMethod Method { get; } = method;

    public double Rate { get; set; } = rate;

    /// <summary>Task by task.</summary>
    public List<TaskMeasure> Tasks { get; } = [];

    /// <summary>Accuracy, episode by episode; null until it is measured.</summary>
    public IReadOnlyList<double>? Episodes { get; set; }

    /// <summary>Why it is out of the comparison, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>Does something, unless the method has diverged; when it diverges now, it is out.</summary>
    public void Try(Action work)
    {
        if (Failure is not null) return;
        try
        {
            work();
        }
        catch (DivergenceException diverged)
        {
            Fail(diverged.Message);
        }
    }

    public void Fail(string reason)
    {
        Failure = reason;
        Tasks.Clear();
        Episodes = null;
    }
}
