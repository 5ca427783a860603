using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>The optional native plug-in behind <see cref="CudaGraph"/>, compiled by <c>build/cuda-graphs.sh</c> against the libtorch in
/// use.</summary>
internal static partial class CudaGraphLibrary
{
    private const string Name = "liblorarecycle_cudagraphs.so";

    private static readonly Lazy<string?> Failure = new(Load);

    /// <summary>Why there are no CUDA graphs; null where there are.</summary>
    public static string? Missing => Failure.Value;

    /// <exception cref="CudaGraphException">The call failed.</exception>
    public static void Check(int result)
    {
        if (result != 0) throw new CudaGraphException($"CUDA graph: {Marshal.PtrToStringUTF8(Error())}");
    }

    [LibraryImport(Name, EntryPoint = "lr_cuda_graph_begin")]
    public static partial int Begin(int device, IntPtr sharing, out IntPtr recording);

    [LibraryImport(Name, EntryPoint = "lr_cuda_graph_end")]
    public static partial int End(IntPtr recording);

    [LibraryImport(Name, EntryPoint = "lr_cuda_graph_replay")]
    public static partial int Replay(IntPtr recording);

    [LibraryImport(Name, EntryPoint = "lr_cuda_graph_free")]
    public static partial void Free(IntPtr recording);

    [LibraryImport(Name, EntryPoint = "lr_cuda_memory_peak")]
    public static partial long MemoryPeak(int device, int reset);

    [LibraryImport(Name, EntryPoint = "lr_cuda_graph_error")]
    private static partial IntPtr Error();

    private static string? Load()
    {
        if (Environment.GetEnvironmentVariable("LORA_RECYCLE_CUDA_GRAPHS") == "0") return "the environment turns recording off";
        var path = Path.Combine(AppContext.BaseDirectory, Name);
        if (!File.Exists(path)) return $"{Name} is not next to the program (build/cuda-graphs.sh builds it)";
        try
        {
            NativeLibrary.Load(path);
            return null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return $"{path} does not load; compile it again with build/cuda-graphs.sh for the libtorch in use. {exception.Message}";
        }
    }
}
