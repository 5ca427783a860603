using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static int get_num_threads() => Native.lr_thread_count();

    public static void set_num_threads(int num) => NativeError.Check(Native.lr_set_thread_count(num));

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static int device_count()
        {
            NativeError.Check(Native.lr_cuda_device_count(out var count));
            return count;
        }

        public static void synchronize(Device? device = null) => NativeError.Check(Native.lr_cuda_synchronize(device?.index ?? -1));
    }
}
