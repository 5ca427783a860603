using System.Runtime.InteropServices;
using LoraRecycle.Torch;
using TorchSharp.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// An n-dimensional array on a device. It owns one reference to libtorch's tensor; free it with
    /// <see cref="Dispose()"/>, with the <see cref="DisposeScope"/> it was made in, or leave it to the garbage collector.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        internal Tensor(IntPtr handle) : this(new TensorHandle(handle)) => OwningScope = DisposeScope.Register(this);

        private readonly TensorHandle _handle;
        private bool _taken;

        private protected Tensor(TensorHandle handle) => _handle = handle;

        /// <summary>Handles alive in the process.</summary>
        public static long TotalCount => TensorHandle.Alive;

        /// <summary>The most handles that were alive at once.</summary>
        public static long PeakCount => TensorHandle.Peak;

        /// <summary>The reference; <see cref="ObjectDisposedException"/> when this tensor has none any more.</summary>
        internal TensorHandle SafeHandle => IsInvalid ? throw Disposed() : _handle;

        internal DisposeScope? OwningScope { get; set; }

        public bool IsInvalid => _taken || _handle.IsClosed;

        /// <summary>The sizes, outermost first.</summary>
        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Describe().Dimensions];
                fixed (long* first = sizes) NativeError.Check(Native.lr_tensor_layout(SafeHandle, first, null));
                return sizes;
            }
        }

        public ScalarType dtype => (ScalarType)Describe().Dtype;

        public Device device => Describe() is var info ? new Device((DeviceType)info.DeviceType, info.DeviceIndex) : null!;

        public DeviceType device_type => (DeviceType)Describe().DeviceType;

        public bool is_cuda => device_type == DeviceType.CUDA;

        public long ndim => Describe().Dimensions;

        public long NumberOfElements => Describe().Elements;

        public long ElementSize => Describe().ElementSize;

        public bool is_leaf => Describe().IsLeaf != 0;

        public long dim() => Describe().Dimensions;

        public long numel() => Describe().Elements;

        public bool is_contiguous() => Describe().IsContiguous != 0;

        public long[] size() => shape;

        public long size(int dim)
        {
            var sizes = shape;
            if (dim < -sizes.Length || dim >= sizes.Length)
                throw new ArgumentOutOfRangeException(nameof(dim), $"Expected a dimension of {Summary()}, got {dim}.");
            return sizes[dim < 0 ? dim + sizes.Length : dim];
        }

        public unsafe long[] stride()
        {
            var strides = new long[Describe().Dimensions];
            fixed (long* first = strides) NativeError.Check(Native.lr_tensor_layout(SafeHandle, null, first));
            return strides;
        }

        /// <summary>
        /// The raw bytes of a contiguous tensor in host memory, at most 2 GB. The span is valid only until the tensor is
        /// disposed: hold the tensor in a <c>using</c> or a scope for as long as the span is read.
        /// </summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                var info = RequireHostMemory();
                if (info.IsContiguous == 0)
                    throw new TorchException($"bytes: expected a contiguous tensor, got {Summary()}; call contiguous() first.");
                if (info.Elements * info.ElementSize > int.MaxValue)
                    throw new TorchException($"bytes: expected at most 2 GB, got {Summary()}; take it in parts with narrow().");
                return new Span<byte>((void*)DataPointer(), (int)(info.Elements * info.ElementSize));
            }
            set
            {
                using var borrowed = new BorrowedTensor(this);
                var target = bytes;
                if (value.Length != target.Length)
                    throw new ArgumentException($"Expected {target.Length} bytes for {Summary()}, got {value.Length}.", nameof(value));
                value.CopyTo(target);
            }
        }

        /// <summary>Element-wise access to a tensor in host memory.</summary>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            var info = RequireHostMemory();
            if ((ScalarType)info.Dtype != ScalarTypeOf<T>())
                throw new ArgumentException($"Expected elements of {(ScalarType)info.Dtype}, asked for {typeof(T).Name} ({Summary()}); convert with to(...) first.");
            return new TensorAccessor<T>(this);
        }

        /// <summary>The only element of a tensor, wherever it is.</summary>
        public T item<T>() where T : unmanaged
        {
            if (Describe().Elements != 1)
                throw new InvalidOperationException($"item<T>() expects one element, got {Summary()}.");
            using var single = to(ScalarTypeOf<T>(), CPU);
            return MemoryMarshal.Read<T>(single.bytes);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningScope?.Detach(this);
            return this;
        }

        public override string ToString() => IsInvalid ? "disposed tensor" : Summary();

        internal string Summary() => $"{dtype}[{string.Join(", ", shape)}] {device}";

        internal TensorInfo Describe()
        {
            NativeError.Check(Native.lr_tensor_describe(SafeHandle, out var info));
            return info;
        }

        internal IntPtr DataPointer()
        {
            NativeError.Check(Native.lr_tensor_data(SafeHandle, out var data));
            return data;
        }

        /// <summary>Takes the handle over; this object is then as good as disposed.</summary>
        internal TensorHandle TakeHandle()
        {
            var handle = SafeHandle;
            OwningScope?.Forget(this);
            OwningScope = null;
            _taken = true;
            return handle;
        }

        /// <summary>Gives back what <see cref="NativeHandle.Borrow"/> on <see cref="SafeHandle"/> took, also when the tensor was disposed meanwhile.</summary>
        internal void Return() => _handle.DangerousRelease();

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (!disposing) return;
            OwningScope?.Forget(this);
            OwningScope = null;
            if (!_taken) _handle.Dispose();
        }

        private static ObjectDisposedException Disposed() => new(
            nameof(Tensor),
            "The tensor was disposed: by Dispose(), by the DisposeScope it was made in (keep it with MoveToOuterDisposeScope or DetachFromDisposeScope), or by the Parameter that took it over.");

        private TensorInfo RequireHostMemory()
        {
            var info = Describe();
            if (info.DeviceType != (int)DeviceType.CPU)
                throw new TorchException($"Expected a tensor in host memory, got {Summary()}; call cpu() first.");
            return info;
        }
    }
}
