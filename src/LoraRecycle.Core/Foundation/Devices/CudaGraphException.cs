using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>A CUDA graph could not be recorded or replayed. An <see cref="ExternalException"/>, as all that libtorch refuses.</summary>
public sealed class CudaGraphException(string message) : ExternalException(message);
