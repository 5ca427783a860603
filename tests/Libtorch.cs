using System.Runtime.CompilerServices;
using LoraRecycle.Core.Foundation.Devices;

namespace LoraRecycle.Tests;

/// <summary>Tests use tensors without going through the product, which loads libtorch before its first one.</summary>
internal static class Libtorch
{
    /// <summary>One thread for each test, since as many of them run at once as there are processors.</summary>
    [ModuleInitializer]
    internal static void Load() => ComputeThreads.Use(1);
}
