using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Baselines;

/// <summary>How long and how fast something is tuned on the support set: Adam on all of it at every step.</summary>
/// <param name="Steps">Steps.</param>
/// <param name="LearningRate">Adam's; its other settings are torch's.</param>
public sealed record AdamSteps(int Steps, double LearningRate)
{
    /// <summary>Minimises a loss. Parameters of different episodes do not see each other, Adam working number by number.</summary>
    internal void Minimise(IEnumerable<Parameter> parameters, Func<Tensor> loss, CancellationToken cancellation)
    {
        using var optimiser = optim.Adam(parameters, LearningRate);
        for (var step = 0; step < Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            optimiser.zero_grad();
            loss().backward();
            optimiser.step();
        }
    }

    internal IEnumerable<KeyValuePair<string, string>> Described =>
    [
        new("optimiser", "Adam"), new("steps", Text(Steps)), new("learningRate", Text(LearningRate)),
    ];

    internal static string Text(IFormattable value) => value.ToString(null, System.Globalization.CultureInfo.InvariantCulture);
}
