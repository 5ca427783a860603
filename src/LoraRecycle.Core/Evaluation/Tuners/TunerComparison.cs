using System.Diagnostics;
using LoraRecycle.Core.Adapters.Algebra.Analysis;
using LoraRecycle.Core.DataSets;
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
    /// <param name="methods">Plain LoRA comes first, and is added where it is missing.</param>
    /// <param name="progress">Told before each tuning: method, number from 0, and how many there are in all.</param>
    /// <param name="cancellation">Heard at every step.</param>
    /// <exception cref="TuningException">A setting cannot be used with this model, or there are too few classes.</exception>
    /// <exception cref="DataSetException">The classes cannot fill the episodes, or an image cannot be decoded.</exception>
    public TunerReport Run(
        IReadOnlyList<TuningMethod> methods, IProgress<(string Method, int Done, int All)>? progress = null,
        CancellationToken cancellation = default)
    {
        var tasks = Draw(measured, probe.Tasks, probe.Seed);
        var choices = probe.LearningRates.Count > 1 ? Draw(choosing, probe.ChoosingTasks, probe.Seed + 1) : [];
        var episodes = probe.Episodes > 0 ? new EpisodeProbe(model, images.Data, measured, probe) : null;
        var plain = TuningMethods.Of(TuningMethods.Plain);
        Contestant[] contestants =
        [
            .. methods.Where(method => method.Name != plain.Name).Prepend(plain)
                .Select(method => new Contestant(method, probe.LearningRates.FirstOrDefault(probe.Settings.LearningRate))),
        ];
        var (done, all) = (0, contestants.Length
            * ((choices.Count * probe.LearningRates.Count) + tasks.Count + (episodes is null ? 0 : 1)));

        // Methods take turns at a task, whose images are decoded once.
        Choose(contestants, choices, Tell, cancellation);
        foreach (var task in tasks) MeasureAll(contestants, task, Tell, cancellation);
        if (episodes is not null)
        {
            using var drawn = episodes.Load(cancellation);
            foreach (var one in contestants)
            {
                Tell(one);
                one.Try(() => one.Episodes = episodes.Measure(drawn, one.Method, one.Rate, cancellation));
            }
        }
        return new TunerReport(
            images.Data.Name, model.Id, model.Revision, model.Device.ToString(), ProductVersion.Text, tasks.Count, probe.Ways, probe.Shots,
            probe.Settings.Steps, probe.Settings.Objective.ToString(), probe.Seed, probe.Episodes,
            [.. contestants.Select(one => TunerRows.Of(one, contestants[0], probe.LossSteps))]);

        void Tell(Contestant one) => progress?.Report((one.Method.Name, done++, all));
    }

    /// <summary>Gives every method the rate that tells held-out images of other tasks apart best. A rate at which it diverges is not that
    /// one.</summary>
    private void Choose(
        Contestant[] contestants, IReadOnlyList<LoraTask> tasks, Action<Contestant> tell, CancellationToken cancellation)
    {
        if (tasks.Count == 0) return;
        var rates = probe.LearningRates;
        var (scores, reasons) = (contestants.ToDictionary(one => one, _ => new double[rates.Count]), new Dictionary<Contestant, string>());
        foreach (var task in tasks)
        {
            using var train = FewShots.Of(images.Train(task.Classes, model.Device, cancellation), probe.Shots);
            using var test = images.Test(task.Classes, model.Device, cancellation);
            foreach (var one in contestants)
                for (var rate = 0; rate < rates.Count; rate++)
                {
                    tell(one);
                    scores[one][rate] += Score(one, rate, task, train, test);
                }
        }
        foreach (var one in contestants)
        {
            var best = Enumerable.Range(0, rates.Count).MaxBy(rate => scores[one][rate]);
            one.Rate = rates[best];
            if (double.IsNegativeInfinity(scores[one][best])) one.Fail(reasons[one]);
        }

        double Score(Contestant one, int rate, LoraTask task, LabelledImages train, LabelledImages? test)
        {
            if (double.IsNegativeInfinity(scores[one][rate])) return 0;
            try
            {
                using var tuned = Tune(one.Method, task, rates[rate], train, cancellation);
                return HeldOut(tuned, test, cancellation) ?? -tuned.Losses[^1];
            }
            catch (DivergenceException diverged)
            {
                reasons[one] = diverged.Message;
                return double.NegativeInfinity;
            }
        }
    }

    private void MeasureAll(Contestant[] contestants, LoraTask task, Action<Contestant> tell, CancellationToken cancellation)
    {
        using var train = FewShots.Of(images.Train(task.Classes, model.Device, cancellation), probe.Shots);
        using var test = images.Test(task.Classes, model.Device, cancellation);
        using var forgetting = ForgettingProbe.Of(model, images.Data, measured, task, probe, cancellation);
        foreach (var one in contestants)
        {
            tell(one);
            one.Try(() => one.Tasks.Add(Measure(one)));
        }

        TaskMeasure Measure(Contestant one)
        {
            var started = Stopwatch.GetTimestamp();
            using var tuned = Tune(one.Method, task, one.Rate, train, cancellation);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            return new TaskMeasure(
                tuned.Losses, HeldOut(tuned, test, cancellation), forgetting?.Measure(tuned.Adapter, cancellation),
                Intruders(tuned, cancellation), tuned.Adapter.ParameterCount, tuned.Lost, seconds);
        }
    }

    private TunedLora Tune(TuningMethod method, LoraTask task, double rate, LabelledImages train, CancellationToken cancellation) =>
        new LoraTuner(model.Transformer).Tune(train, method.On(task.Settings with { LearningRate = rate }), cancellation: cancellation);

    private double? HeldOut(TunedLora tuned, LabelledImages? test, CancellationToken cancellation) =>
        test is null ? null : TaskAccuracy.Measure(model.Transformer, tuned.Adapter, test, cancellation);

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
