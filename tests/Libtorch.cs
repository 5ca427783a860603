using System.Runtime.CompilerServices;
using LoraRecycle.Core.Foundation.Devices;

namespace LoraRecycle.Tests;

/// <summary>Tests use tensors without going through the product, which loads libtorch before its first one.</summary>
internal static class Libtorch
{
    [ModuleInitializer]
    internal static void Load() => TorchLibrary.Load();
}
