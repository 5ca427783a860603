namespace LoraRecycle.Core.Imaging;

/// <summary>A picture that cannot be used. The message is fit to be shown to whoever sent it.</summary>
public sealed class ImageException : Exception
{
    internal ImageException(ImageFault fault, string expected, string came, string remedy, Exception? cause = null)
        : base($"Expected {expected}; found {came}. {remedy}", cause) => Fault = fault;

    /// <summary>What is wrong with the picture.</summary>
    public ImageFault Fault { get; }
}
