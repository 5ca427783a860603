using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Describe().RequiresGrad != 0;
            set => NativeError.Check(Native.lr_set_requires_grad(SafeHandle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>The gradient that backward accumulated, or null. Each read is a new handle on the same tensor.</summary>
        public Tensor? grad
        {
            get
            {
                NativeError.Check(Native.lr_grad(SafeHandle, out var gradient));
                return gradient == IntPtr.Zero ? null : new Tensor(gradient);
            }
            set
            {
                using var gradient = new BorrowedTensor(value);
                NativeError.Check(Native.lr_set_grad(SafeHandle, gradient.Pointer));
            }
        }

        public void backward() => autograd.backward([this]);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }

    public static class autograd
    {
        /// <summary>Accumulates d(sum of tensors)/d(leaf) into each leaf's <c>grad</c>.</summary>
        public static unsafe void backward(
            IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            using var roots = new BorrowedTensors(tensors);
            using var gradients = new BorrowedTensors(grad_tensors ?? []);
            using var leaves = new BorrowedTensors(inputs ?? []);
            fixed (IntPtr* r = roots.Pointers, g = gradients.Pointers, l = leaves.Pointers)
                NativeError.Check(Native.lr_backward(
                    r, roots.Count, g, gradients.Count, (retain_graph ?? create_graph) ? 1 : 0, create_graph ? 1 : 0, l, leaves.Count));
        }

        /// <summary>d(sum of outputs)/d(inputs), without touching any <c>grad</c>. With <paramref name="allow_unused"/> an input may be null in the result.</summary>
        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null, bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            using var roots = new BorrowedTensors(outputs);
            using var leaves = new BorrowedTensors(inputs);
            using var gradients = new BorrowedTensors(grad_outputs ?? []);
            var results = new IntPtr[leaves.Count];
            fixed (IntPtr* r = roots.Pointers, l = leaves.Pointers, g = gradients.Pointers, found = results)
                NativeError.Check(Native.lr_gradients(
                    r, roots.Count, l, leaves.Count, g, gradients.Count, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, found));
            return [.. results.Select(handle => handle == IntPtr.Zero ? null! : new Tensor(handle))];
        }
    }

    public static bool is_grad_enabled() => Native.lr_grad_mode() != 0;

    public static IDisposable no_grad() => set_grad_enabled(false);

    public static IDisposable enable_grad(bool enabled = true) => set_grad_enabled(enabled);

    /// <summary>Sets the gradient mode of this thread until the result is disposed.</summary>
    public static IDisposable set_grad_enabled(bool mode = true) => new ThreadMode.Grad(mode);

    /// <summary>No gradients and no version counters on this thread until the result is disposed; cheaper than <see cref="no_grad"/>.</summary>
    public static IDisposable inference_mode(bool mode = true) => new ThreadMode.Inference(mode);
}
