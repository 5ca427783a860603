using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>y = x W^T + b, W being [out, in].</summary>
        public sealed class Linear : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
            {
                (this.weight, this.bias) = (weight, bias);
                register_parameter(nameof(weight), weight);
                if (bias is not null) register_parameter(nameof(bias), bias);
            }

            public Parameter weight { get; }

            public Parameter? bias { get; }

            public override torch.Tensor forward(torch.Tensor tensor) => torch.nn.functional.linear(tensor, weight, bias);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);

            /// <summary>Weights drawn as PyTorch draws them: uniform within 1/sqrt(in).</summary>
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null)
            {
                var bound = 1 / Math.Sqrt(inputSize);
                return new(
                    new Parameter(Uniform([outputSize, inputSize], bound, device, dtype)),
                    hasBias ? new Parameter(Uniform([outputSize], bound, device, dtype)) : null);
            }

            private static Tensor Uniform(long[] size, double bound, Device? device, ScalarType? dtype) =>
                Interop.Aten.UniformInPlace.CallInPlace(empty(size, dtype, device), -bound, bound);
        }
    }
}
