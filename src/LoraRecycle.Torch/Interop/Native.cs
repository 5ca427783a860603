using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>The C functions of the shim (<c>native/</c>). Those that can fail return non-zero; <see cref="NativeError.Check"/> turns that into an exception.</summary>
internal static unsafe partial class Native
{
    private const string Library = NativeLibraryResolver.Name;

    static Native() => NativeLibraryResolver.Register();

    [LibraryImport(Library)] internal static partial byte* lr_last_error(out int kind);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int lr_operator_find(string name, string overload, out IntPtr handle);
    [LibraryImport(Library)] internal static partial int lr_operator_call(IntPtr handle, NativeValue* arguments, int count, NativeValue* results, int expected);
    [LibraryImport(Library)] internal static partial void lr_free(IntPtr memory);

    [LibraryImport(Library)] internal static partial void lr_tensor_free(IntPtr tensor);
    [LibraryImport(Library)] internal static partial int lr_tensor_describe(TensorHandle tensor, out TensorInfo info);
    [LibraryImport(Library)] internal static partial int lr_tensor_layout(TensorHandle tensor, long* sizes, long* strides);
    [LibraryImport(Library)] internal static partial int lr_tensor_data(TensorHandle tensor, out IntPtr data);
    [LibraryImport(Library)] internal static partial int lr_tensor_copy_from(void* data, long bytes, long* sizes, int dimensions, int dtype, out IntPtr tensor);

    [LibraryImport(Library)] internal static partial int lr_grad_mode();
    [LibraryImport(Library)] internal static partial void lr_set_grad_mode(int enabled);
    [LibraryImport(Library)] internal static partial int lr_inference_mode_begin(int enabled, out IntPtr guard);
    [LibraryImport(Library)] internal static partial void lr_inference_mode_end(IntPtr guard);
    [LibraryImport(Library)] internal static partial int lr_set_requires_grad(TensorHandle tensor, int value);
    [LibraryImport(Library)] internal static partial int lr_grad(TensorHandle tensor, out IntPtr gradient);
    [LibraryImport(Library)] internal static partial int lr_set_grad(TensorHandle tensor, IntPtr gradient);
    [LibraryImport(Library)] internal static partial int lr_backward(IntPtr* tensors, int count, IntPtr* gradients, int gradientCount, int retainGraph, int createGraph, IntPtr* inputs, int inputCount);
    [LibraryImport(Library)] internal static partial int lr_gradients(IntPtr* outputs, int count, IntPtr* inputs, int inputCount, IntPtr* gradients, int gradientCount, int retainGraph, int createGraph, int allowUnused, IntPtr* results);

    [LibraryImport(Library)] internal static partial byte* lr_libtorch_version();
    [LibraryImport(Library)] internal static partial int lr_is_cuda_build();
    [LibraryImport(Library)] internal static partial int lr_libtorch_configuration(out byte* text);
    [LibraryImport(Library)] internal static partial int lr_thread_count();
    [LibraryImport(Library)] internal static partial int lr_set_thread_count(int count);
    [LibraryImport(Library)] internal static partial int lr_cuda_tf32();
    [LibraryImport(Library)] internal static partial int lr_set_cuda_tf32(int allowed);
    [LibraryImport(Library)] internal static partial int lr_cuda_device_count(out int count);
    [LibraryImport(Library)] internal static partial int lr_cuda_synchronize(long index);
    [LibraryImport(Library)] internal static partial int lr_cuda_total_memory(int index, out long total);
    [LibraryImport(Library)] internal static partial int lr_cuda_memory(int index, int resetPeak, out long allocated, out long peak, out long reserved);

    [LibraryImport(Library)] internal static partial int lr_manual_seed(long seed);
    [LibraryImport(Library)] internal static partial int lr_generator_new(long device, ulong seed, out IntPtr generator);
    [LibraryImport(Library)] internal static partial int lr_generator_seed(GeneratorHandle generator, ulong seed);
    [LibraryImport(Library)] internal static partial int lr_generator_initial_seed(GeneratorHandle generator, out ulong seed);
    [LibraryImport(Library)] internal static partial int lr_generator_state(GeneratorHandle generator, out IntPtr state);
    [LibraryImport(Library)] internal static partial int lr_generator_set_state(GeneratorHandle generator, TensorHandle state);
    [LibraryImport(Library)] internal static partial void lr_generator_free(IntPtr generator);

    [LibraryImport(Library)] internal static partial int lr_cuda_graph_begin(int device, IntPtr sharing, out IntPtr graph);
    [LibraryImport(Library)] internal static partial int lr_cuda_graph_end(CudaGraphHandle graph);
    [LibraryImport(Library)] internal static partial int lr_cuda_graph_replay(CudaGraphHandle graph);
    [LibraryImport(Library)] internal static partial void lr_cuda_graph_free(IntPtr graph);
}

/// <summary>What kind of value crosses the boundary; the numbers are <c>lr_tag</c>'s.</summary>
internal enum NativeTag { None, Tensor, Int, Double, Bool, String, IntList, DoubleList, TensorList, OptionalTensorList, Device, Generator, Default }

/// <summary>A boxed value, laid out as <c>lr_value</c>: a double travels as its bits in <see cref="Payload"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    public NativeTag Tag;
    public int Count;
    public long Payload;
}

/// <summary>A tensor's metadata, laid out as <c>lr_tensor_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TensorInfo
{
    public int Dtype;
    public int DeviceType;
    public int DeviceIndex;
    public int Dimensions;
    public long Elements;
    public int ElementSize;
    public byte RequiresGrad;
    public byte IsLeaf;
    public byte IsContiguous;
    public byte IsInference;
}
