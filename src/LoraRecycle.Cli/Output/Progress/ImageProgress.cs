using System.Globalization;

namespace LoraRecycle.Cli.Output.Progress;

/// <summary>How far a long embedding run is, on one line of a terminal's standard error; silent when that is no terminal.</summary>
internal sealed class ImageProgress(TextWriter error, int images) : IProgress<int>
{
    private readonly bool _silent = Console.IsErrorRedirected || !ReferenceEquals(error, Console.Error);

    public void Report(int value)
    {
        if (_silent)
            return;
        error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{value:N0} of {images:N0} images"));
        if (value == images)
            error.Write("\r\u001b[K");
    }
}
