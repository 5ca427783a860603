using System.Diagnostics;
using System.Text.RegularExpressions;
using LoraRecycle.Core.Safetensors;
using static LoraRecycle.Core.Safetensors.SafetensorsException;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>
/// A stranger's regular expression as Python understands it. Whatever it holds, all its matches together take no longer than a
/// limit: PEFT's own engine goes back over the text as well, and only a name that was made for it takes it long.
/// </summary>
internal sealed class PeftExpression
{
    private const int LongestExpression = 100_000;

    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestOfAll = TimeSpan.FromSeconds(3);

    // "module" is a word of expressions, too, but not at their beginning.
    private const string Unmarked = "module";

    private static readonly Regex Wrapper = new(
        $@"(?<![\w\\])(?:{string.Join('|', WrappedNames.Wrappers.Where(name => name != Unmarked))}|(?<=^\^?){Unmarked})\\?\.",
        RegexOptions.CultureInvariant,
        LongestMatch
    );

    private readonly Regex _regex;
    private readonly string _setting, _said;
    private readonly Stopwatch _used;

    private PeftExpression(Regex regex, string setting, string said, Stopwatch used) =>
        (_regex, _setting, _said, _used) = (regex, setting, said, used);

    /// <param name="setting">The setting that it stands in, for messages.</param>
    /// <param name="said">The expression as it stands there.</param>
    /// <param name="before">What PEFT puts before it.</param>
    /// <param name="after">What PEFT puts after it.</param>
    /// <param name="used">The time that other expressions of the setting have used, where they share it.</param>
    /// <exception cref="AdapterException">It is no regular expression, or too long.</exception>
    public static PeftExpression Of(string setting, string said, string before = "", string after = "", Stopwatch? used = null)
    {
        if (said.Length > LongestExpression)
            throw new AdapterException(
                $"{AdapterConfig.FileName} has {setting} with {Quote(said)}; at most {LongestExpression} characters are read."
            );
        try
        {
            var bare = WithoutWrappers(said);
            // A comment at the end of a verbose expression must not take in what follows.
            var end = PythonPattern.Translated(bare).Options.HasFlag(RegexOptions.IgnorePatternWhitespace) ? "\n" : "";
            var (expression, options) = PythonPattern.Translated(before + bare + end + after);
            return new(new Regex($@"\A(?:{expression})", options, LongestMatch), setting, said, used ?? new Stopwatch());
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException or InsufficientExecutionStackException)
        {
            throw new AdapterException(
                $"{AdapterConfig.FileName} has {setting} with {Quote(said)}, which is no regular expression of Python's: "
                    + exception.Message,
                exception
            );
        }
    }

    /// <summary>An expression that has to match a name from its first character to its last, as <c>re.fullmatch</c> has it.</summary>
    public static PeftExpression Whole(string setting, string said) => Of(setting, said, "(?:", @")\Z");

    /// <exception cref="AdapterException">It takes too long.</exception>
    public bool IsMatch(string name) => Match(name).Success;

    /// <exception cref="AdapterException">It takes too long.</exception>
    public Match Match(string name)
    {
        _used.Start();
        try
        {
            var match = _regex.Match(name);
            return _used.Elapsed < LongestOfAll ? match : throw new RegexMatchTimeoutException();
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new AdapterException(
                $"{AdapterConfig.FileName} has {_setting} with {Quote(_said)}, which takes too long to match {Quote(name)}; write it "
                    + "without repetitions within repetitions, or list the layers' names.",
                exception
            );
        }
        finally
        {
            _used.Stop();
        }
    }

    /// <summary>PEFT saw names with what the model was wrapped in; here they have none.</summary>
    private static string WithoutWrappers(string expression) => Wrapper.Replace(expression, "");
}
