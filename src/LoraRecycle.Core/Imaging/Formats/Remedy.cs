namespace LoraRecycle.Core.Imaging.Formats;

/// <summary>What whoever sent a picture can do about a refusal.</summary>
internal static class Remedy
{
    public const string SendItWhole = "Check that the file opens in a viewer and was sent completely.";
    public const string SaveAgain = "Scale the image down and save it again, as a baseline JPEG or a PNG.";
    public const string Convert = "Save the image as JPEG or PNG and send that file.";
    public const string ScaleDown = "Scale the image down; the model sees far fewer pixels.";
}
