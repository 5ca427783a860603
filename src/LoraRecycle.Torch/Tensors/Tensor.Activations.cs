using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor softmax(long dim, ScalarType? dtype = null) => Aten.SoftmaxInt.Call(this, dim, dtype);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Aten.LogSoftmaxInt.Call(this, dim, dtype);
        public Tensor sigmoid() => Aten.Sigmoid.Call(this);
        public Tensor sigmoid_() => Aten.SigmoidInPlace.CallInPlace(this);
        public Tensor tanh() => Aten.Tanh.Call(this);
        public Tensor tanh_() => Aten.TanhInPlace.CallInPlace(this);
        public Tensor relu() => Aten.Relu.Call(this);
        public Tensor relu_() => Aten.ReluInPlace.CallInPlace(this);
        public Tensor silu() => Aten.Silu.Call(this);
        public Tensor silu_() => Aten.SiluInPlace.CallInPlace(this);
        public Tensor gelu() => Aten.Gelu.Call(this);
        public Tensor gelu(Modules.GELU.Approximate approximate) => Aten.Gelu.Call(this, Modules.GELU.NameOf(approximate));
        public Tensor gelu_() => Aten.GeluInPlace.CallInPlace(this);
        public Tensor gelu_(Modules.GELU.Approximate approximate) => Aten.GeluInPlace.CallInPlace(this, Modules.GELU.NameOf(approximate));
    }
}
