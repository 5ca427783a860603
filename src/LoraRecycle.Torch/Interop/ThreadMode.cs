namespace TorchSharp.Interop;

/// <summary>
/// A mode of libtorch's that belongs to a thread. It ends where it began: disposed on another thread (after an
/// <c>await</c>, say) it would change that thread's mode instead, so that is refused.
/// </summary>
internal abstract class ThreadMode : IDisposable
{
    private readonly Thread _thread = Thread.CurrentThread;
    private bool _ended;

    // No finalizer: it would run on another thread.
    public void Dispose()
    {
        if (_ended) return;
        if (_thread != Thread.CurrentThread)
            throw new InvalidOperationException(
                "Expected a gradient or inference mode to be disposed on the thread that set it, got another thread; do not await inside of one.");
        _ended = true;
        End();
    }

    protected abstract void End();

    public sealed class Grad : ThreadMode
    {
        private readonly bool _previous = Native.lr_grad_mode() != 0;

        public Grad(bool enabled) => Native.lr_set_grad_mode(enabled ? 1 : 0);

        protected override void End() => Native.lr_set_grad_mode(_previous ? 1 : 0);
    }

    public sealed class Inference : ThreadMode
    {
        private readonly IntPtr _guard;

        public Inference(bool enabled) => NativeError.Check(Native.lr_inference_mode_begin(enabled ? 1 : 0, out _guard));

        protected override void End() => Native.lr_inference_mode_end(_guard);
    }
}
