using System.CommandLine;
using LoraRecycle.Cli.Hosting;

namespace LoraRecycle.Cli.Commands.Serving;

/// <summary>
/// The key that a verb sends to a server: in a file, or in the environment. Never on the command line, which everybody on the
/// machine can read and the shell remembers.
/// </summary>
internal sealed class ServerKeyOption() : Option<string?>("--key-file")
{
    public const string Variable = "LORA_RECYCLE_API_KEY";

    public static ServerKeyOption Create() => new()
    {
        Description = $"A file with the server's API key. Default: the environment variable {Variable}.",
        HelpName = "FILE",
    };

    /// <returns>Null for none.</returns>
    /// <exception cref="UsageException">The file cannot be read, or what is there is no key.</exception>
    public string? Read(ParseResult parsed) => parsed.GetValue(this) is { } path
        ? Checked(ReadFile(path), $"--key-file {path}")
        : Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? Checked(variable, Variable) : null;

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--key-file {path} cannot be read: {exception.Message}");
        }
    }

    // What is wrong is said without the text: it may be a key all the same.
    private static string Checked(string text, string source) =>
        text.Trim() is { Length: > 0 and <= 200 } key
        && key.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.')
            ? key
            : throw new UsageException($"{source}: expected only one key, as shown by ./run key create (lrk_...).");
}
