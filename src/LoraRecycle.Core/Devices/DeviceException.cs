namespace LoraRecycle.Core.Devices;

/// <summary>A device that was asked for is not there.</summary>
public sealed class DeviceException(string message) : Exception(message);
