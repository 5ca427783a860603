using System.Globalization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Harness;

/// <summary>How long and how fast something is tuned on the support set: Adam on all of it at every step.</summary>
/// <param name="Steps">Steps.</param>
/// <param name="LearningRate">Adam's; its other settings are torch's.</param>
public sealed record AdamSteps(int Steps, double LearningRate)
{
    /// <summary>The learning rate of a linear head that starts from nothing above weights that do not; the same unless it is
    /// given.</summary>
    public double? HeadLearningRate { get; init; }

    internal IEnumerable<KeyValuePair<string, string>> Described =>
        [
            new("optimiser", "Adam"),
            new("steps", Text(Steps)),
            new("learningRate", Text(LearningRate)),
            .. HeadLearningRate is { } head
                ? [KeyValuePair.Create("headLearningRate", Text(head))]
                : Array.Empty<KeyValuePair<string, string>>(),
        ];

    /// <summary>Minimises a loss. Parameters of different episodes do not see each other, Adam working number by number.</summary>
    internal void Minimise(IEnumerable<Parameter> parameters, Func<Tensor> loss, CancellationToken cancellation) =>
        Minimise([optim.Adam(parameters, LearningRate)], loss, cancellation);

    /// <summary>The same, with linear heads beside what is tuned.</summary>
    internal void Minimise(IEnumerable<Parameter> parameters, LinearHeads heads, Func<Tensor> loss, CancellationToken cancellation) =>
        Minimise(
            [optim.Adam(parameters, LearningRate), optim.Adam(heads.Parameters, HeadLearningRate ?? LearningRate)],
            loss,
            cancellation
        );

    internal static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private void Minimise(optim.Optimizer[] optimisers, Func<Tensor> loss, CancellationToken cancellation)
    {
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                foreach (var optimiser in optimisers) optimiser.zero_grad();
                loss().backward();
                foreach (var optimiser in optimisers) optimiser.step();
            }
        }
        finally
        {
            foreach (var optimiser in optimisers) optimiser.Dispose();
        }
    }
}
