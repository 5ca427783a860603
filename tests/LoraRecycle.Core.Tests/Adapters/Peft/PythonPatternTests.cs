using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Storage.Peft;

namespace LoraRecycle.Core.Tests.Adapters.Peft;

/// <summary>Expressions of Python's <c>re</c>; what matches was found with Python 3.11.</summary>
public sealed class PythonPatternTests
{
    [Theory]
    [InlineData(@"^(?!.*text_model).*\.(q_proj|v_proj)", "vision_model.layers.0.q_proj", true)]
    [InlineData(@"^(?!.*text_model).*\.(q_proj|v_proj)", "text_model.layers.0.q_proj", false)]
    [InlineData(@".*(?<=layers\.1\.self_attn\.)q_proj", "vision.layers.1.self_attn.q_proj", true)]
    [InlineData(@".*(?<!layers\.1\.self_attn\.)q_proj", "vision.layers.1.self_attn.q_proj", false)]
    [InlineData(@"(?P<part>q|v)_(?P=part)", "q_q", true)]
    [InlineData(@"(?P<part>q|v)_(?P=part)", "q_v", false)]
    [InlineData(@"(?P<a>a)(b)\2\1", "abba", true)]
    [InlineData(@"(a)(?P<b>b)(c)\2\3", "abcbc", true)]
    [InlineData(@"(x)?(?(1)y|z)", "xy", true)]
    [InlineData(@"(x)?(?(1)y|z)", "xz", false)]
    [InlineData(@"(?P<n>x)?(?(n)y|z)", "z", true)]
    [InlineData(@"(?>a+)b", "aaab", true)]
    [InlineData(@"(?>a+)ab", "aaab", false)]
    [InlineData(@"a++ab", "aaab", false)]
    [InlineData(@"(?:ab)?+c", "abc", true)]
    [InlineData(@"[ab]{1,2}+b", "ab", false)]
    [InlineData(@"a{,2}b", "aab", true)]
    [InlineData(@"a{,2}b", "aaab", false)]
    [InlineData(@"a{b}", "a{b}", true)]
    [InlineData(@"a{1}{2}", "", null)]
    [InlineData(@"[]a]+", "]a", true)]
    [InlineData(@"[^]a]+", "bc", true)]
    [InlineData(@"[a-c-[b]]", "-]", true)]
    [InlineData(@"[a-c-[b]]", "a", false)]
    [InlineData(@"(?i)Q_PROJ", "q_proj", true)]
    [InlineData(@"(?i:Q)_PROJ", "q_proj", false)]
    [InlineData(@"(?a)\w+", "q", true)]
    [InlineData(@"(?x) q _ proj # the queries", "q_proj", true)]
    [InlineData(@"(?#the queries)q", "q", true)]
    [InlineData(@"q\Z", "q", true)]
    [InlineData(@"\U00000071", "q", true)]
    [InlineData(@"q|q_proj", "q_proj", true)]
    [InlineData(@"q.*", "q\n", false)]
    [InlineData(@"", "", true)]
    [InlineData(@"(", "", null)]
    [InlineData(@")", "", null)]
    [InlineData(@"*a", "", null)]
    [InlineData(@"a**", "", null)]
    [InlineData(@"[a", "", null)]
    [InlineData(@"(?P<1a>b)", "", null)]
    [InlineData(@"(?P=unknown)", "", null)]
    [InlineData(@"(?<name>a)", "", null)]
    [InlineData(@"(?'name'a)", "", null)]
    [InlineData(@"(?n)a", "", null)]
    [InlineData(@"\", "", null)]
    public void What_python_matches_as_a_whole_is_matched_here(string expression, string name, bool? matches)
    {
        if (matches is null)
            Assert.Contains(
                "no regular expression of Python's",
                Assert.Throws<AdapterException>(() => PeftExpression.Whole("target_modules", expression)).Message,
                StringComparison.Ordinal
            );
        else
            Assert.Equal(matches, PeftExpression.Whole("target_modules", expression).IsMatch(name));
    }
}
