using System.Diagnostics;
using LoraRecycle.Core.Adapters.Algebra.Analysis;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Loading;
using TorchSharp;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>
/// Tunes the same tasks with several methods: how fast the loss falls, how well held-out images are told apart, and what is forgotten of
/// other classes. Every method chooses its learning rate alike, on tasks of classes that are not measured.
/// </summary>
/// <param name="model">Bare before and after.</param>
/// <param name="images">The data set, with some of each class held out.</param>
/// <param name="measured">The classes of the tasks that are measured.</param>
/// <param name="choosing">The classes of the tasks that learning rates are chosen on.</param>
/// <param name="probe">What to measure.</param>
public sealed class TunerComparison(
    FrozenModel model, TaskImages images, IReadOnlyList<string> measured, IReadOnlyList<string> choosing, TunerProbe probe)
{
    private readonly ForgettingProbe _forgetting = new(model, images.Data, measured, probe);

    /// <param name="methods">Plain LoRA comes first, and is added where it is missing.</param>
    /// <param name="progress">Told before each tuning: method, number from 0, and how many there are of it.</param>
    /// <param name="cancellation">Heard at every step.</param>
    /// <exception cref="TuningException">A setting cannot be used with this model, or there are too few classes.</exception>
    public TunerReport Run(
        IReadOnlyList<TuningMethod> methods, IProgress<(string Method, int Done, int All)>? progress = null,
        CancellationToken cancellation = default)
    {
        var tasks = Draw(measured, probe.Tasks, probe.Seed);
        var choices = probe.LearningRates.Count > 1 ? Draw(choosing, probe.ChoosingTasks, probe.Seed + 1) : [];
        var plain = TuningMethods.Of(TuningMethods.Plain);
        var measures = new List<(TuningMethod Method, double Rate, TaskMeasure[] Tasks, string? Failure)>();
        foreach (var method in methods.Where(method => method.Name != plain.Name).Prepend(plain))
        {
            var all = (choices.Count * probe.LearningRates.Count) + tasks.Count;
            var done = 0;
            var rate = probe.LearningRates.FirstOrDefault(probe.Settings.LearningRate);
            try
            {
                if (choices.Count > 0)
                    rate = probe.LearningRates.MaxBy(one => choices.Average(task => Accuracy(Measure(method, task, one, full: false))));
                measures.Add((method, rate, [.. tasks.Select(task => Measure(method, task, rate, full: true))], null));
            }
            catch (DivergenceException diverged)
            {
                measures.Add((method, rate, [], diverged.Message));
            }

            TaskMeasure Measure(TuningMethod method, LoraTask task, double rate, bool full)
            {
                progress?.Report((method.Name, done++, all));
                return this.Measure(method, task, rate, full, cancellation);
            }
        }
        return new TunerReport(
            images.Data.Name, model.Id, model.Revision, model.Device.ToString(), ProductVersion.Text, tasks.Count, probe.Ways, probe.Shots,
            probe.Settings.Steps, probe.Settings.Objective.ToString(), probe.Seed,
            [.. measures.Select(one => TunerRows.Of(one.Method, one.Rate, one.Tasks, measures[0].Tasks, probe.LossSteps, one.Failure))]);
    }

    private IReadOnlyList<LoraTask> Draw(IReadOnlyList<string> classes, int count, long seed) =>
        new MarketPlan
        {
            Loras = count,
            Ways = probe.Ways,
            Seed = seed,
            Settings = probe.Settings,
            Ranks = [probe.Settings.Rank],
            Targets = [probe.Settings.Targets]
        }.Draw(images.Data.Name, classes);

    private static double Accuracy(TaskMeasure task) => task.HeldOut ?? -task.Losses[^1];

    private TaskMeasure Measure(TuningMethod method, LoraTask task, double rate, bool full, CancellationToken cancellation)
    {
        using var train = FewShots.Of(images.Train(task.Classes, model.Device, cancellation), probe.Shots);
        var settings = method.On(task.Settings with { LearningRate = rate });
        var started = Stopwatch.GetTimestamp();
        using var tuned = new LoraTuner(model.Transformer).Tune(train, settings, cancellation: cancellation);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        using var test = images.Test(task.Classes, model.Device, cancellation);
        double? heldOut = test is null ? null : TaskAccuracy.Measure(model.Transformer, tuned.Adapter, test, cancellation);
        return new TaskMeasure(
            tuned.Losses, heldOut,
            full ? _forgetting.Measure(task, tuned.Adapter, cancellation) : null,
            full ? Intruders(tuned, cancellation) : 0,
            tuned.Adapter.ParameterCount, tuned.Lost, seconds);
    }

    private int Intruders(TunedLora tuned, CancellationToken cancellation) =>
        SpectrumAnalysis
            .Measure(
                tuned.Adapter,
                model.Transformer.AdaptableLayers,
                layer => (model.Transformer.LinearOf(layer).Weight.detach().clone(), (torch.Tensor?)null),
                new SpectrumSettings(),
                cancellation)
            .Sum(layer => layer.IntruderDimensions.Count);
}
