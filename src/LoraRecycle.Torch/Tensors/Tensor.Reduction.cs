using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Aten.Sum.Call(this, type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => Aten.SumDimIntList.Call(this, new[] { dim }, keepdim, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Aten.SumDimIntList.Call(this, dim, keepdim, type);
        public Tensor mean() => Aten.Mean.Call(this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Aten.MeanDim.Call(this, dimensions, keepdim, type);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false) => Aten.VarDim.Call(this, dimensions, unbiased, keepdim);
        public (Tensor @var, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            using var scope = NewDisposeScope();
            var (variance, mean) = Pair(Aten.VarMeanDim.CallMany(2, type is { } wanted ? to(wanted) : this, dimensions, unbiased, keepdim));
            return (variance.MoveToOuterDisposeScope(), mean.MoveToOuterDisposeScope());
        }

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false) => Aten.StdDim.Call(this, dimensions, unbiased, keepdim);
        public Tensor max() => Aten.Max.Call(this);
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Pair(Aten.MaxDim.CallMany(2, this, dim, keepdim));
        public Tensor min() => Aten.Min.Call(this);
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Pair(Aten.MinDim.CallMany(2, this, dim, keepdim));
        public Tensor amax(long[] dims, bool keepdim = false) => Aten.Amax.Call(this, dims, keepdim);
        public Tensor amin(long[] dims, bool keepdim = false) => Aten.Amin.Call(this, dims, keepdim);
        public Tensor argmax() => Aten.Argmax.Call(this);
        public Tensor argmax(long dim, bool keepdim = false) => Aten.Argmax.Call(this, dim, keepdim);
        public Tensor argsort(long dim = -1, bool descending = false) => Aten.Argsort.Call(this, dim, descending);
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false) => Pair(Aten.Sort.CallMany(2, this, dim, descending));
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Pair(Aten.Topk.CallMany(2, this, k, dim, largest, sorted));
        public Tensor norm(float p = 2) => Aten.LinalgVectorNorm.Call(this, (double)p);
        public Tensor norm(int dim, bool keepdim = false, float p = 2) => Aten.LinalgVectorNorm.Call(this, (double)p, new[] { (long)dim }, keepdim);
        public Tensor logsumexp(long dim, bool keepdim = false) => Aten.Logsumexp.Call(this, new[] { dim }, keepdim);
        public Tensor cumsum(long dim, ScalarType? type = null) => Aten.Cumsum.Call(this, dim, type);
        public Tensor all() => Aten.All.Call(this);
        public Tensor all(long dim, bool keepdim = false) => Aten.AllDim.Call(this, dim, keepdim);
        public Tensor any() => Aten.Any.Call(this);
        public Tensor any(long dim, bool keepdim = false) => Aten.AnyDim.Call(this, dim, keepdim);

        private static (Tensor, Tensor) Pair(Tensor?[] results) => (results[0]!, results[1]!);
    }
}
