namespace LoraRecycle.Core.Devices;

/// <summary>The library that computes, for the record of a run.</summary>
public static class TorchLibrary
{
    public static string Version => $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version}";
}
