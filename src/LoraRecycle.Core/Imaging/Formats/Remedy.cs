namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>What whoever sent a picture can do about a refusal.</summary>
internal static class Remedy
{
    public const string SendItWhole = "Check that the file opens in a viewer and was sent completely.";
    public const string Convert = "Save the image as JPEG or PNG and send that file.";
    public const string ScaleDown = "Scale the image down; the model sees far fewer pixels.";
}
