using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Normalises the last dimensions to mean 0 and variance 1, then scales and shifts.</summary>
        public sealed class LayerNorm : torch.nn.Module<torch.Tensor, torch.Tensor>
        {
            internal LayerNorm(long[] normalizedShape, double eps, bool affine, bool hasBias, torch.Device? device, torch.ScalarType? dtype) : base(nameof(LayerNorm))
            {
                (normalized_shape, this.eps) = (normalizedShape, eps);
                if (!affine) return;
                register_parameter(nameof(weight), weight = new Parameter(torch.ones(normalizedShape, dtype, device)));
                if (hasBias) register_parameter(nameof(bias), bias = new Parameter(torch.zeros(normalizedShape, dtype, device)));
            }

            public long[] normalized_shape { get; }

            public double eps { get; }

            public Parameter? weight { get; }

            public Parameter? bias { get; }

            public override torch.Tensor forward(torch.Tensor tensor) => torch.nn.functional.layer_norm(tensor, normalized_shape, weight, bias, eps);
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static LayerNorm LayerNorm(
                long[] normalized_shape, double eps = 1e-5, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);
        }
    }
}
