using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static class backends
    {
        public static class cuda
        {
            public static class matmul
            {
                /// <summary>Whether products of float32 matrices may round their factors to TF32's 10 bits, which tensor cores multiply. Off at first, as in PyTorch.</summary>
                public static bool allow_tf32
                {
                    get => Native.lr_cuda_tf32() != 0;
                    set => NativeError.Check(Native.lr_set_cuda_tf32(value ? 1 : 0));
                }
            }
        }
    }
}
