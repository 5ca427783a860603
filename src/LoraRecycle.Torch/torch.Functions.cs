using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor cat(Tensor[] tensors, long dim = 0) => Aten.Cat.Call(tensors, dim);
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Aten.Stack.Call(tensors.ToArray(), dim);
    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Aten.WhereSelf.Call(condition, x, y);
    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);
    public static Tensor bmm(Tensor input, Tensor batch2) => input.bmm(batch2);
    public static Tensor cdist(Tensor x1, Tensor x2, double p = 2) => Aten.Cdist.Call(x1, x2, p);

    /// <summary>beta * input + alpha * batch1 x batch2, matrix by matrix.</summary>
    public static Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        Aten.Baddbmm.Call(input, batch1, batch2, beta, alpha);

    public static bool allclose(Tensor tensor, Tensor target, double rtol = 1e-5, double atol = 1e-8, bool equal_nan = false) =>
        Aten.Allclose.CallBool(tensor, target, rtol, atol, equal_nan);

    /// <summary>The real parts of complex numbers, as a view.</summary>
    public static Tensor real(Tensor input) => Aten.Real.Call(input);

    public static class fft
    {
        /// <summary>The inverse discrete Fourier transform over the last two dimensions, or those given; complex.</summary>
        public static Tensor ifft2(Tensor input, long[]? s = null, long[]? dim = null) =>
            Aten.FftIfft2.Call(input, s, dim ?? [-2, -1], Arg.None);
    }

    public static class linalg
    {
        /// <summary>X of A X = B, or of X A = B where <paramref name="left"/> is false; batches of square matrices.</summary>
        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Aten.LinalgSolve.Call(A, B, left);

        /// <summary>Thin or full singular value decomposition: U [.., m, k], S [.., k], Vh [.., k, n].</summary>
        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) =>
            Aten.LinalgSvd.CallMany(3, input, fullMatrices) is [{ } u, { } s, { } vh] ? (u, s, vh) : throw new InvalidOperationException("svd returned an undefined tensor.");
    }
}
