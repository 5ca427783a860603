using System.Text;
using System.Text.RegularExpressions;

namespace LoraRecycle.Core.Adapters.Storage.Peft;

/// <summary>
/// A regular expression of Python's <c>re</c> in .NET's syntax. Groups are given their numbers, because .NET counts named ones
/// last; what only one of the two knows is written in the other's way.
/// </summary>
internal sealed class PythonPattern
{
    private static readonly string[] Plain = ["(?:", "(?=", "(?!", "(?>"];

    private readonly string _source;
    private readonly StringBuilder _output = new();
    private readonly Dictionary<string, int> _named = new(StringComparer.Ordinal);
    private readonly Stack<int> _open = new();
    private int _at, _groups;
    // Where the last thing begins that a quantifier may stand behind; below zero where there is none.
    private int _atom = -1;

    private PythonPattern(string source) => _source = source;

    /// <exception cref="ArgumentException">It is no expression of Python's.</exception>
    public static (string Expression, RegexOptions Options) Translated(string expression)
    {
        var pattern = new PythonPattern(expression);
        while (pattern._at < expression.Length) pattern.Next();
        return (pattern._output.ToString(), pattern.Options);
    }

    private RegexOptions Options { get; set; } = RegexOptions.CultureInvariant;

    private bool IsVerbose => Options.HasFlag(RegexOptions.IgnorePatternWhitespace);

    private void Next()
    {
        switch (_source[_at])
        {
            case '\\': Escape(); break;
            case '[': Class(); break;
            case '(': Group(); break;
            case ')':
                _atom = _open.Count > 0 ? _open.Pop() : throw Wrong("an unopened ')'");
                Copy(1);
                break;
            case '*' or '+' or '?': Quantifier(Taken(1)); break;
            case '{': Braces(); break;
            case '|': Copy(1); _atom = -1; break;
            case '#' when IsVerbose:
                var end = _source.IndexOf('\n', _at);
                Copy((end < 0 ? _source.Length : end) - _at);
                break;
            case var c when IsVerbose && char.IsWhiteSpace(c): Copy(1); break;
            default: Atom(Taken(1)); break;
        }
    }

    private void Escape()
    {
        if (_at + 1 >= _source.Length) throw Wrong("a '\\' at its end");
        switch (_source[_at + 1])
        {
            // Python's \Z is the very end, which .NET writes \z.
            case 'Z': _at += 2; Atom(@"\z"); break;
            case 'U' when Hexadecimal(_at + 2, 8) is { } code: _at += 10; Atom(Regex.Escape(char.ConvertFromUtf32(code))); break;
            case > '0' and <= '9':
                var end = _at + 2;
                while (end < _source.Length && char.IsAsciiDigit(_source[end])) end++;
                Atom(Taken(end - _at));
                break;
            default: Atom(Taken(2)); break;
        }
    }

    private void Class()
    {
        var start = _output.Length;
        Copy(1);
        if (_at < _source.Length && _source[_at] == '^') Copy(1);
        for (var first = true; _at < _source.Length; first = false)
        {
            var c = _source[_at];
            if (c == ']' && !first)
            {
                Copy(1);
                _atom = start;
                return;
            }
            if (c == '\\' && _at + 1 < _source.Length) Copy(2);
            // A class within a class is .NET's alone.
            else if (c is '[' or ']') { _output.Append('\\'); Copy(1); }
            else Copy(1);
        }
        throw Wrong("a '[' that is not closed");
    }

    private void Group()
    {
        var start = _output.Length;
        _open.Push(start);
        _atom = -1;
        if (!Starts("(?"))
        {
            _at++;
            _output.Append("(?<").Append(++_groups).Append('>');
            return;
        }
        if (Starts("(?P<") && Name('>', 4) is { } name)
        {
            _named[name] = ++_groups;
            _output.Append("(?<").Append(_groups).Append('>');
        }
        else if (Starts("(?P=") && Name(')', 4) is { } known)
        {
            _open.Pop();
            _output.Append(@"\k<").Append(Number(known)).Append('>');
            _atom = start;
        }
        else if (Starts("(?#"))
        {
            _open.Pop();
            var end = _source.IndexOf(')', _at);
            _at = end < 0 ? throw Wrong("a comment that is not closed") : end + 1;
        }
        else if (Starts("(?(") && Name(')', 3, isName: false) is { } condition)
            _output.Append("(?(").Append(char.IsAsciiDigit(condition[0]) ? condition : Number(condition)).Append(')');
        else if (Plain.FirstOrDefault(Starts) is { } plain) Copy(plain.Length);
        else if (Starts("(?<=") || Starts("(?<!")) Copy(4);
        else Flags();
    }

    /// <summary><c>(?i)</c> counts for the whole expression, <c>(?i:...)</c> within.</summary>
    private void Flags()
    {
        var end = _source.AsSpan(_at + 2).IndexOfAny(')', ':');
        var flags = end > 0 ? _source.Substring(_at + 2, end) : "";
        if (flags.Length == 0 || flags.Any(flag => !"aiLmsux-".Contains(flag, StringComparison.Ordinal)))
            throw Wrong("a '(?' that Python does not know");
        _at += flags.Length + 3;
        // Those for characters' sets ask for what strings have anyway.
        var kept = string.Concat(flags.Where("imsx-".Contains));
        if (_source[_at - 1] == ':')
        {
            _output.Append(kept is "" or "-" ? "(?:" : $"(?{kept}:");
            return;
        }
        _open.Pop();
        foreach (var flag in kept)
            Options |= flag switch
            {
                'i' => RegexOptions.IgnoreCase,
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'x' => RegexOptions.IgnorePatternWhitespace,
                _ => throw Wrong("flags that are turned off for the whole of it"),
            };
    }

    /// <summary><c>{2}</c>, <c>{,2}</c>, <c>{2,}</c>, <c>{2,3}</c>; any other brace is a character.</summary>
    private void Braces()
    {
        var end = _source.IndexOf('}', _at);
        var bounds = end < 0 ? [] : _source[(_at + 1)..end].Split(',');
        if (bounds.Length is not (1 or 2) || bounds.Any(bound => !bound.All(char.IsAsciiDigit)) || bounds is [""])
        {
            _at++;
            Atom(@"\{");
            return;
        }
        _at = end + 1;
        Quantifier($"{{{(bounds[0].Length == 0 ? "0" : bounds[0])}{(bounds.Length == 2 ? $",{bounds[1]}" : "")}}}");
    }

    private void Quantifier(string quantifier)
    {
        if (_atom < 0) throw Wrong($"nothing to repeat before '{quantifier}'");
        if (_at < _source.Length && _source[_at] == '+')
        {
            // Possessive: what was taken is not given back.
            _at++;
            _output.Insert(_atom, "(?>").Append(quantifier).Append(')');
            return;
        }
        _output.Append(quantifier);
        if (_at < _source.Length && _source[_at] == '?') Copy(1);
        _atom = -1;
    }

    private string? Name(char closing, int offset, bool isName = true)
    {
        var end = _source.IndexOf(closing, _at + offset);
        if (end < 0) return null;
        var name = _source[(_at + offset)..end];
        if (name.Length == 0 || !name.All(c => char.IsLetterOrDigit(c) || c == '_') || (isName && char.IsDigit(name[0])))
            throw Wrong($"a bad group name '{name}'");
        _at = end + 1;
        return name;
    }

    private int? Hexadecimal(int start, int length) =>
        start + length <= _source.Length
        && int.TryParse(_source.AsSpan(start, length), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code)
        && code is > 0 and <= 0x10FFFF and not (>= 0xD800 and <= 0xDFFF)
            ? code
            : null;

    private string Number(string name) =>
        _named.TryGetValue(name, out var number)
            ? number.ToString(System.Globalization.CultureInfo.InvariantCulture)
            : throw Wrong($"an unknown group '{name}'");

    private bool Starts(string text) => string.CompareOrdinal(_source, _at, text, 0, text.Length) == 0;

    private string Taken(int length)
    {
        _at += length;
        return _source.Substring(_at - length, length);
    }

    private void Copy(int length) => _output.Append(Taken(length));

    private void Atom(string text)
    {
        _atom = _output.Length;
        _output.Append(text);
    }

    private ArgumentException Wrong(string what) => new($"{what} at character {_at}");
}
