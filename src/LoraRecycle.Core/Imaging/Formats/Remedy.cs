namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>What whoever sent a picture can do about a refusal.</summary>
internal static class Remedy
{
    public const string SendItWhole = "Check that the file opens in a viewer and was sent whole.";
    public const string Convert = "Save the picture as a JPEG or PNG and send that.";
    public const string ScaleDown = "Scale the picture down; the model sees far fewer.";
}
