using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Vision.Cpu;

/// <summary>
/// Runs a managed kernel on the OpenMP threads that libtorch computes with. A thread pool of our own would fight them: after
/// each operator they spin for a while on the processors that the kernel needs.
/// </summary>
internal static unsafe class OmpTeam
{
    private static readonly Entries? Omp = Find();

    /// <summary>Whether libtorch's OpenMP was found: GCC's, or one that answers to its names, as Intel's and LLVM's do on Linux.</summary>
    public static bool IsAvailable => Omp is not null;

    /// <summary>Calls <paramref name="work"/> once on each thread of the team, the caller's among them, and waits for all.</summary>
    /// <param name="work">Unmanaged, with the C calling convention, and without exceptions; divides its work by
    /// <see cref="Share"/>.</param>
    /// <param name="state">Passed to each call; must stay in place meanwhile.</param>
    public static void Run(delegate* unmanaged[Cdecl]<KernelWork*, void> work, KernelWork* state)
    {
        const uint AsManyThreadsAsTheCallerComputesWith = 0;
        ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<KernelWork*, void>, KernelWork*, uint, uint, void>)Omp!.Parallel)(
            work,
            state,
            AsManyThreadsAsTheCallerComputesWith,
            0
        );
    }

    /// <summary>The part of <paramref name="count"/> pieces of work that is the calling thread's.</summary>
    public static (nint Start, nint End) Share(nint count)
    {
        nint thread = ((delegate* unmanaged[Cdecl]<int>)Omp!.ThreadNumber)(),
            threads = ((delegate* unmanaged[Cdecl]<int>)Omp.ThreadCount)();
        return (count * thread / threads, count * (thread + 1) / threads);
    }

    private static Entries? Find() =>
        OperatingSystem.IsLinux()
        // Loaded already; its dependencies are searched too.
        && NativeLibrary.TryLoad("libtorch_cpu.so", typeof(TorchSharp.torch).Assembly, null, out var libtorch)
        && NativeLibrary.TryGetExport(libtorch, "GOMP_parallel", out var parallel)
        && NativeLibrary.TryGetExport(libtorch, "omp_get_thread_num", out var thread)
        && NativeLibrary.TryGetExport(libtorch, "omp_get_num_threads", out var threads)
            ? new Entries(parallel, thread, threads)
            : null;

    private sealed record Entries(IntPtr Parallel, IntPtr ThreadNumber, IntPtr ThreadCount);
}
