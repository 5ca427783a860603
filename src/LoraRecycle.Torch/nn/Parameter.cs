using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>A tensor that a module owns and an optimiser may change.</summary>
        public class Parameter : torch.Tensor
        {
            /// <summary>Takes <paramref name="data"/> over: the tensor that was passed is empty afterwards.</summary>
            public Parameter(torch.Tensor data, bool requires_grad = true) : this(data, data.OwningScope, requires_grad)
            {
            }

            // The flag is set first: when the dtype cannot have gradients, the caller still has the tensor.
            private Parameter(torch.Tensor data, DisposeScope? scope, bool requires_grad) : base(data.requires_grad_(requires_grad).TakeHandle()) =>
                scope?.Attach(this);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
