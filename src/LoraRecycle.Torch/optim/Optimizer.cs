using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Parameters that share one learning rate.</summary>
        public sealed class ParamGroup(IReadOnlyList<Parameter> parameters, double learningRate) : torch.optim.ILearningRateController
        {
            public IReadOnlyList<Parameter> Parameters { get; } = parameters;

            public double LearningRate { get; set; } = learningRate;

            public double InitialLearningRate { get; set; } = learningRate;
        }
    }

    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Something with a learning rate that a schedule can change.</summary>
            public interface ILearningRateController
            {
                double LearningRate { get; set; }

                double InitialLearningRate { get; set; }
            }

            /// <summary>Changes parameters by their gradients.</summary>
            public abstract class Optimizer : IDisposable
            {
                private readonly ParamGroup _group;

                private protected Optimizer(IEnumerable<Parameter> parameters, double learningRate)
                {
                    _group = new ParamGroup([.. parameters], learningRate);
                    if (_group.Parameters.Count == 0)
                        throw new ArgumentException("Expected at least one parameter to optimise, got none.", nameof(parameters));
                }

                public virtual IEnumerable<ILearningRateController> ParamGroups => [_group];

                public virtual IEnumerable<Parameter> parameters() => _group.Parameters;

                public virtual void zero_grad()
                {
                    foreach (var parameter in _group.Parameters) parameter.grad = null;
                }

                /// <summary>One update; parameters without a gradient are left alone.</summary>
                public virtual Tensor? step(Func<Tensor>? closure = null)
                {
                    Tensor? loss = null;
                    if (closure is not null)
                        using (enable_grad())
                            loss = closure();
                    using var withoutGrad = no_grad();
                    using var scope = NewDisposeScope();
                    for (var i = 0; i < _group.Parameters.Count; i++)
                        if (_group.Parameters[i].grad is { } gradient)
                            Update(i, _group.Parameters[i], gradient, _group.LearningRate);
                    return loss;
                }

                public void Dispose()
                {
                    Dispose(true);
                    GC.SuppressFinalize(this);
                }

                private protected abstract void Update(int index, Parameter parameter, Tensor gradient, double learningRate);

                protected abstract void Dispose(bool disposing);
            }
        }
    }
}
