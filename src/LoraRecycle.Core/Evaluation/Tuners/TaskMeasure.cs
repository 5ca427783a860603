namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>What one tuning of one task gave.</summary>
/// <param name="Losses">Of every step.</param>
/// <param name="HeldOut">Accuracy on held-out images; null where none are held out.</param>
/// <param name="Forgotten">What nearest prototypes lose on other classes; null where it was not measured.</param>
/// <param name="Intruders">Of all layers.</param>
/// <param name="Numbers">Stored in the layers.</param>
/// <param name="Lost">By storing it.</param>
/// <param name="Seconds">Of tuning.</param>
internal sealed record TaskMeasure(
    IReadOnlyList<double> Losses, double? HeldOut, double? Forgotten, int Intruders, long Numbers, double Lost, double Seconds);
