using System.Runtime.InteropServices;

namespace LoraRecycle.Torch;

/// <summary>
/// libtorch refused an operation. The message names the operator and the dtype, shape and device of each argument.
/// TorchSharp throws <see cref="ExternalException"/> for the same, so that is what portable code catches.
/// </summary>
public class TorchException(string message) : ExternalException(message);

/// <summary>The device or the host has no memory left for an operation; a smaller batch may still succeed.</summary>
public sealed class DeviceMemoryException(string message) : TorchException(message);
