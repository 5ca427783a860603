using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>
        /// Adam (Kingma and Ba, arXiv 1412.6980). Weight decay is added to the gradient, or, in <see cref="AdamW"/>,
        /// taken from the weights themselves (Loshchilov and Hutter, arXiv 1711.05101).
        /// </summary>
        public class Adam : torch.optim.Optimizer
        {
            private readonly double _beta1, _beta2, _eps, _weightDecay;
            private readonly bool _decoupled;
            private readonly Dictionary<int, (long Step, torch.Tensor Mean, torch.Tensor Square)> _state = [];

            internal Adam(IEnumerable<Parameter> parameters, double lr, double beta1, double beta2, double eps, double weightDecay, bool decoupled = false)
                : base(parameters, lr) =>
                (_beta1, _beta2, _eps, _weightDecay, _decoupled) = (beta1, beta2, eps, weightDecay, decoupled);

            private protected override void Update(int index, Parameter parameter, torch.Tensor gradient, double learningRate)
            {
                if (!_state.TryGetValue(index, out var state))
                    state = (0, torch.zeros_like(parameter).DetachFromDisposeScope(), torch.zeros_like(parameter).DetachFromDisposeScope());
                var step = state.Step + 1;
                _state[index] = state with { Step = step };

                if (_weightDecay != 0 && _decoupled) parameter.mul_(1 - (learningRate * _weightDecay));
                else if (_weightDecay != 0) gradient = gradient.add(parameter, _weightDecay);

                state.Mean.mul_(_beta1).add_(gradient, 1 - _beta1);
                state.Square.mul_(_beta2).addcmul_(gradient, gradient, 1 - _beta2);
                var meanCorrection = 1 - Math.Pow(_beta1, step);
                var squareCorrection = 1 - Math.Pow(_beta2, step);
                using var root = state.Square.sqrt();
                root.div_(Math.Sqrt(squareCorrection)).add_(_eps);
                parameter.addcdiv_(state.Mean, root, -learningRate / meanCorrection);
            }

            protected override void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach (var (_, mean, square) in _state.Values)
                {
                    mean.Dispose();
                    square.Dispose();
                }
                _state.Clear();
            }
        }

        /// <summary>Adam with decoupled weight decay.</summary>
        public sealed class AdamW : Adam
        {
            internal AdamW(IEnumerable<Parameter> parameters, double lr, double beta1, double beta2, double eps, double weightDecay)
                : base(parameters, lr, beta1, beta2, eps, weightDecay, decoupled: true)
            {
            }
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            public static Adam Adam(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay);

            public static AdamW AdamW(
                IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay);
        }
    }
}
