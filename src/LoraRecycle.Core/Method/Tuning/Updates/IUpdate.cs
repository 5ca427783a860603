namespace LoraRecycle.Core.Method.Tuning.Updates;

/// <summary>What is done to a step beside Adam's own.</summary>
internal interface IUpdate
{
    /// <summary>With the gradients taken, before Adam's step.</summary>
    /// <param name="step">From 1.</param>
    void Before(int step);

    /// <summary>After it.</summary>
    /// <param name="step">From 1.</param>
    void After(int step);
}
