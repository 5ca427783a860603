namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>A device that was asked for, or the libtorch that would drive it, is not there.</summary>
public sealed class DeviceException(string message) : Exception(message);
