using LoraRecycle.Service.Platform.Observability.Metrics;

namespace LoraRecycle.Service.Tests.Metrics;

public sealed class PrometheusTextTests
{
    [Fact]
    public void What_would_end_a_line_or_a_label_is_escaped()
    {
        var text = new PrometheusText();
        text.Family("requests_total", "counter", "Back\\slash\nand \"quotes\"");
        text.Sample("requests_total", [new("path", "C:\\x\n\"y\""), new("code", "200")], 1);

        Assert.Equal(
            "# HELP requests_total Back\\\\slash\\nand \"quotes\"\n# TYPE requests_total "
                + "counter\nrequests_total{path=\"C:\\\\x\\n\\\"y\\\"\",code=\"200\"} 1\n",
            text.ToString());
        Assert.Single(PrometheusPage.Parse(text.ToString()).Samples);
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(0.1, "0.1")]
    [InlineData(1e21, "1E+21")]
    public void Numbers_are_written_as_go_reads_them(double value, string text) => Assert.Equal(text, PrometheusText.Number(value));

    [Theory]
    [InlineData("http.server.request.duration", "http_server_request_duration")]
    [InlineData("5xx", "_5xx")]
    [InlineData("é", "_")]
    public void Names_hold_letters_digits_and_underscores(string name, string clean) => Assert.Equal(clean, PrometheusText.Name(name));
}
