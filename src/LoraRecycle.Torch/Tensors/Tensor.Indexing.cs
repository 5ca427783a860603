using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One position of an index expression, as in <c>x[.., 0, TensorIndex.Slice(1, 3)]</c>.</summary>
    public readonly struct TensorIndex
    {
        private enum Kind { Single, Slice, NewAxis, Ellipsis, Tensor }

        private readonly Kind _kind;
        private readonly long? _start, _stop, _step;
        private readonly Tensor? _tensor;

        private TensorIndex(Kind kind, long? start = null, long? stop = null, long? step = null, Tensor? tensor = null) =>
            (_kind, _start, _stop, _step, _tensor) = (kind, start, stop, step, tensor);

        public static readonly TensorIndex Ellipsis = new(Kind.Ellipsis);
        public static readonly TensorIndex Colon = new(Kind.Slice);
        public static readonly TensorIndex None = new(Kind.NewAxis);
        public static readonly TensorIndex Null = new(Kind.NewAxis);

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new(Kind.Slice, start, stop, step);
        public static TensorIndex Single(long? index) => new(Kind.Single, index);
        public static TensorIndex Tensor(Tensor tensor) => new(Kind.Tensor, tensor: tensor ?? throw new ArgumentNullException(nameof(tensor)));

        public static implicit operator TensorIndex(long value) => Single(value);

        /// <summary>How many of the tensor's dimensions this position stands for; a mask stands for all of its own.</summary>
        internal long Consumes => _kind switch
        {
            Kind.Single or Kind.Slice => 1,
            Kind.Tensor => _tensor!.dtype is ScalarType.Bool or ScalarType.Byte ? _tensor.ndim : 1,
            _ => 0,
        };

        internal bool IsEllipsis => _kind == Kind.Ellipsis;
        internal Tensor? Picked => _tensor;

        /// <summary>Applies this position to dimension <paramref name="dim"/>, and says how many dimensions it left behind.</summary>
        internal Tensor Apply(Tensor tensor, long dim, out int produced)
        {
            produced = _kind == Kind.Single ? 0 : 1;
            return _kind switch
            {
                Kind.Single => Aten.SelectInt.Call(tensor, dim, _start ?? throw new ArgumentException("Expected an index, got null.")),
                Kind.NewAxis => tensor.unsqueeze(dim),
                Kind.Slice when _start is null && _stop is null && _step is null => tensor.alias(),
                _ => Aten.SliceTensor.Call(tensor, dim, _start, _stop, _step ?? 1),
            };
        }
    }

    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => Pick(indices);
            set
            {
                using var target = View(indices, out var picks);
                if (picks is null) target.copy_(value);
                else Aten.IndexPutInPlace.CallInPlace(target, Arg.OptionalTensors(picks), value);
            }
        }

        public Tensor this[params Tensor[] indices] => Aten.IndexTensor.Call(this, Arg.OptionalTensors(indices));
        public Tensor this[long i1] => Aten.SelectInt.Call(this, 0, i1);
        public Tensor this[long i1, long i2] => this[TensorIndex.Single(i1), TensorIndex.Single(i2)];

        public Tensor index_select(long dim, Tensor index) => Aten.IndexSelect.Call(this, dim, index);
        public Tensor narrow(long dim, long start, long length) => Aten.Narrow.Call(this, dim, start, length);
        public Tensor gather(long dim, Tensor index) => Aten.Gather.Call(this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.ScatterSrc.Call(this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.ScatterInPlaceSrc.CallInPlace(this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Aten.ScatterAddInPlace.CallInPlace(this, dim, index, src);
        public Tensor masked_fill(Tensor mask, Scalar value) => Aten.MaskedFillScalar.Call(this, mask, value);

        private Tensor Pick(TensorIndex[] indices)
        {
            var view = View(indices, out var picks);
            if (picks is null) return view;
            using (view) return Aten.IndexTensor.Call(view, Arg.OptionalTensors(picks));
        }

        /// <summary>A view with every position but the tensors applied; those are returned by the dimension they pick from.</summary>
        private Tensor View(TensorIndex[] indices, out Tensor?[]? picks)
        {
            var remaining = ndim - indices.Sum(index => index.Consumes);
            if (remaining < 0 || indices.Count(index => index.IsEllipsis) > 1)
                throw new ArgumentException($"Expected at most one position a dimension of {Summary()} and one ellipsis, got {indices.Length} positions.", nameof(indices));
            var view = alias();
            var byDimension = new List<Tensor?>();
            long dim = 0;
            foreach (var index in indices)
            {
                if (index.IsEllipsis)
                {
                    dim += remaining;
                    byDimension.AddRange(Enumerable.Repeat<Tensor?>(null, (int)remaining));
                    continue;
                }
                if (index.Picked is { } picked)
                {
                    dim += index.Consumes;
                    byDimension.Add(picked);
                    continue;
                }
                using var previous = view;
                view = index.Apply(previous, dim, out var produced);
                dim += produced;
                if (produced > 0) byDimension.Add(null);
            }
            picks = byDimension.Exists(pick => pick is not null) ? [.. byDimension] : null;
            return view;
        }
    }
}
