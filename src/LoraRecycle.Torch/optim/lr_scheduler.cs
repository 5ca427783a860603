namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        /// <summary>Learning rates as functions of the number of steps taken.</summary>
        public static class lr_scheduler
        {
            /// <summary>Sets the optimiser's learning rates at once and after each <see cref="step()"/>.</summary>
            public abstract class LRScheduler
            {
                private readonly Optimizer _optimizer;
                private int _epoch = -1;

                private protected LRScheduler(Optimizer optimizer)
                {
                    _optimizer = optimizer;
                    foreach (var group in optimizer.ParamGroups) group.InitialLearningRate = group.LearningRate;
                }

                public virtual void step()
                {
                    _epoch++;
                    foreach (var group in _optimizer.ParamGroups) group.LearningRate = LearningRate(group.InitialLearningRate, _epoch);
                }

                public IEnumerable<double> get_last_lr() => _optimizer.ParamGroups.Select(group => group.LearningRate);

                private protected abstract double LearningRate(double initial, int epoch);
            }

            /// <summary>initial * lr_lambda(epoch).</summary>
            public static LRScheduler LambdaLR(Optimizer optimizer, Func<int, double> lr_lambda) =>
                new ByEpoch(optimizer, (initial, epoch) => initial * lr_lambda(epoch));

            /// <summary>Multiplied by gamma every <paramref name="step_size"/> epochs.</summary>
            public static LRScheduler StepLR(Optimizer optimizer, int step_size, double gamma = 0.1) =>
                new ByEpoch(optimizer, (initial, epoch) => initial * Math.Pow(gamma, epoch / step_size));

            /// <summary>From start_factor to end_factor of the initial rate, on a straight line over <paramref name="total_iters"/> epochs.</summary>
            public static LRScheduler LinearLR(Optimizer optimizer, double start_factor = 1.0 / 3, double end_factor = 1, int total_iters = 5) =>
                new ByEpoch(optimizer, (initial, epoch) => initial * (start_factor + ((end_factor - start_factor) * Math.Min(epoch, total_iters) / total_iters)));

            /// <summary>Half a cosine from the initial rate down to <paramref name="eta_min"/> over <paramref name="T_max"/> epochs (arXiv 1608.03983, without restarts).</summary>
            public static LRScheduler CosineAnnealingLR(Optimizer optimizer, double T_max, double eta_min = 0) =>
                new ByEpoch(optimizer, (initial, epoch) => eta_min + ((initial - eta_min) * (1 + Math.Cos(Math.PI * epoch / T_max)) / 2));

            private sealed class ByEpoch : LRScheduler
            {
                private readonly Func<double, int, double> _rate;

                public ByEpoch(Optimizer optimizer, Func<double, int, double> rate) : base(optimizer)
                {
                    _rate = rate;
                    step();
                }

                private protected override double LearningRate(double initial, int epoch) => _rate(initial, epoch);
            }
        }
    }
}
