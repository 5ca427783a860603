using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Aten.AddTensor.Call(this, target);
        public Tensor add(Tensor target, Scalar alpha) => Aten.AddTensor.Call(this, target, alpha);
        public Tensor add(Scalar scalar) => Aten.AddScalar.Call(this, scalar);
        public Tensor add_(Tensor target) => Aten.AddInPlaceTensor.CallInPlace(this, target);
        public Tensor add_(Tensor target, Scalar alpha) => Aten.AddInPlaceTensor.CallInPlace(this, target, alpha);
        public Tensor add_(Scalar scalar) => Aten.AddInPlaceScalar.CallInPlace(this, scalar);
        public Tensor sub(Tensor target) => Aten.SubTensor.Call(this, target);
        public Tensor sub(Scalar target) => Aten.SubScalar.Call(this, target);
        public Tensor sub_(Tensor target) => Aten.SubInPlaceTensor.CallInPlace(this, target);
        public Tensor sub_(Scalar target) => Aten.SubInPlaceScalar.CallInPlace(this, target);
        public Tensor mul(Tensor target) => Aten.MulTensor.Call(this, target);
        public Tensor mul(Scalar target) => Aten.MulScalar.Call(this, target);
        public Tensor mul_(Tensor target) => Aten.MulInPlaceTensor.CallInPlace(this, target);
        public Tensor mul_(Scalar target) => Aten.MulInPlaceScalar.CallInPlace(this, target);
        public Tensor div(Tensor target) => Aten.DivTensor.Call(this, target);
        public Tensor div(Scalar target) => Aten.DivScalar.Call(this, target);
        public Tensor div_(Tensor target) => Aten.DivInPlaceTensor.CallInPlace(this, target);
        public Tensor div_(Scalar target) => Aten.DivInPlaceScalar.CallInPlace(this, target);
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.Addcmul.Call(this, tensor1, tensor2, value);
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.AddcmulInPlace.CallInPlace(this, tensor1, tensor2, value);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Aten.AddcdivInPlace.CallInPlace(this, tensor1, tensor2, value);
        public Tensor pow(Scalar exponent) => Aten.PowTensorScalar.Call(this, exponent);
        public Tensor pow(Tensor exponent) => Aten.PowTensorTensor.Call(this, exponent);
        public Tensor maximum(Tensor other) => Aten.Maximum.Call(this, other);
        public Tensor minimum(Tensor other) => Aten.Minimum.Call(this, other);
        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Aten.Clamp.Call(this, min, max);
        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Aten.ClampInPlace.CallInPlace(this, min, max);
        public Tensor abs() => Aten.Abs.Call(this);
        public Tensor neg() => Aten.Neg.Call(this);
        public Tensor square() => Aten.Square.Call(this);
        public Tensor sqrt() => Aten.Sqrt.Call(this);
        public Tensor rsqrt() => Aten.Rsqrt.Call(this);
        public Tensor exp() => Aten.Exp.Call(this);
        public Tensor log() => Aten.Log.Call(this);
        public Tensor sin() => Aten.Sin.Call(this);
        public Tensor cos() => Aten.Cos.Call(this);
        public Tensor sign() => Aten.Sign.Call(this);
        public Tensor reciprocal() => Aten.Reciprocal.Call(this);
        public Tensor round() => Aten.Round.Call(this);

        public Tensor matmul(Tensor target) => Aten.Matmul.Call(this, target);
        public Tensor mm(Tensor target) => Aten.Mm.Call(this, target);
        public Tensor bmm(Tensor batch2) => Aten.Bmm.Call(this, batch2);
        public Tensor outer(Tensor vec2) => Aten.Outer.Call(this, vec2);

        /// <summary>beta * this + alpha * mat1 x mat2.</summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Aten.Addmm.Call(this, mat1, mat2, beta, alpha);

        /// <summary><see cref="addmm"/> in place: the product is accumulated by the matrix kernel itself.</summary>
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Aten.AddmmInPlace.CallInPlace(this, mat1, mat2, beta, alpha);

        public Tensor eq(Tensor target) => Aten.EqTensor.Call(this, target);
        public Tensor eq(Scalar target) => Aten.EqScalar.Call(this, target);
        public Tensor ne(Tensor target) => Aten.NeTensor.Call(this, target);
        public Tensor ne(Scalar target) => Aten.NeScalar.Call(this, target);
        public Tensor gt(Tensor target) => Aten.GtTensor.Call(this, target);
        public Tensor gt(Scalar target) => Aten.GtScalar.Call(this, target);
        public Tensor ge(Tensor target) => Aten.GeTensor.Call(this, target);
        public Tensor ge(Scalar target) => Aten.GeScalar.Call(this, target);
        public Tensor lt(Tensor target) => Aten.LtTensor.Call(this, target);
        public Tensor lt(Scalar target) => Aten.LtScalar.Call(this, target);
        public Tensor le(Tensor target) => Aten.LeTensor.Call(this, target);
        public Tensor le(Scalar target) => Aten.LeScalar.Call(this, target);
        public Tensor logical_and(Tensor other) => Aten.LogicalAnd.Call(this, other);
        public Tensor logical_or(Tensor other) => Aten.LogicalOr.Call(this, other);
        public Tensor logical_not() => Aten.LogicalNot.Call(this);
        public Tensor isfinite() => Aten.Isfinite.Call(this);
        public Tensor isnan() => Aten.Isnan.Call(this);

        public static Tensor operator -(Tensor tensor) => tensor.neg();
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);
        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);
        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);
        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);
        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);
        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);
        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);
        public static Tensor operator +(Scalar left, Tensor right) => right.add(left);
        public static Tensor operator *(Scalar left, Tensor right) => right.mul(left);
        public static Tensor operator -(Scalar left, Tensor right)
        {
            using var negated = right.neg();
            return negated.add(left);
        }

        public static Tensor operator /(Scalar left, Tensor right)
        {
            using var inverse = right.reciprocal();
            return inverse.mul(left);
        }

        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);
        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);
        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);
        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);
        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);
        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);
        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);
        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);
    }
}
