using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;

namespace LoraRecycle.Cli.Tests.Options;

public class NumberListTests
{
    [Theory]
    [InlineData("1", new[] { 1 })]
    [InlineData("1,5", new[] { 1, 5 })]
    [InlineData(" 1 , 20 ", new[] { 1, 20 })]
    public void Numbers_are_separated_by_commas(string text, int[] numbers) => Assert.Equal(numbers, NumberList.Parse("--shots", text));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1,,5")]
    [InlineData("1;5")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    public void Anything_else_is_refused(string text) => Assert.Throws<UsageException>(() => NumberList.Parse("--shots", text));
}
