using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Convert(type, device, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Convert(type, null, copy, disposeAfter, non_blocking);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Convert(null, device, copy, disposeAfter, non_blocking);

        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Convert(type, null, copy, disposeAfter, non_blocking);

        public Tensor cpu() => to(CPU);
        public Tensor cuda(Device? device = null, bool non_blocking = false) => to(device ?? CUDA, non_blocking: non_blocking);
        public Tensor @float() => to(ScalarType.Float32);
        public Tensor half() => to(ScalarType.Float16);
        public Tensor bfloat16() => to(ScalarType.BFloat16);
        public Tensor type_as(Tensor tensor) => to(tensor.dtype, tensor.device);
        public Tensor clone() => Aten.Clone.Call(this);
        public Tensor detach() => Aten.Detach.Call(this);
        public Tensor alias() => Aten.Alias.Call(this);
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Aten.CopyInPlace.CallInPlace(this, source, nonBlocking);
        public Tensor fill_(Scalar value) => Aten.FillInPlaceScalar.CallInPlace(this, value);
        public Tensor zero_() => Aten.ZeroInPlace.CallInPlace(this);
        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) => Aten.NormalInPlace.CallInPlace(this, mean, std, generator);
        public Tensor uniform_(double from, double to, Generator? generator = null) => Aten.UniformInPlace.CallInPlace(this, from, to, generator);
        public Tensor bernoulli(Generator? generator = null) => Aten.Bernoulli.Call(this, generator);
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Aten.BernoulliInPlaceFloat.CallInPlace(this, p, generator);
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Aten.Multinomial.Call(this, num_samples, replacement, generator);

        private Tensor Convert(ScalarType? type, Device? target, bool copy, bool disposeAfter, bool nonBlocking)
        {
            var result = Aten.ToDtypeLayout.Call(this, type ?? dtype, Arg.None, target ?? device, Arg.None, nonBlocking, copy);
            if (disposeAfter) Dispose();
            return result;
        }
    }
}
