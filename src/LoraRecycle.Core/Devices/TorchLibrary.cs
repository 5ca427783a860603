namespace LoraRecycle.Core.Devices;

/// <summary>The library that computes, for the record of a run.</summary>
public static class TorchLibrary
{
#if TORCHSHARP
    public static string Version => $"TorchSharp {typeof(TorchSharp.torch).Assembly.GetName().Version}";
#else
    public static string Version => $"libtorch {Torch.Libtorch.Version}";
#endif
}
