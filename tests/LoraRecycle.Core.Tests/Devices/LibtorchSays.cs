using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Tests.Devices;

/// <summary>What libtorch throws, with a message of the test's choice.</summary>
internal sealed class LibtorchSays(string message) : ExternalException(message);
