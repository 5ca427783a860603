using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.FewShot.Calibration;

public sealed class CalibrationFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private static CalibrationFile Sample { get; } = new()
    {
        Version = 1,
        Form = CalibrationFile.CurrentForm,
        Model = "m",
        ModelRevision = "0123456789abcdef",
        AdapterRevision = null,
        Coefficients = [2.5, 0.2, -0.3, 0.5, 0.4],
        FittedOn = new CalibrationOrigin(["data val (whole)"], [16], ["5-way 1-shot"], 60, 7, 0.3, 0.01),
    };

    [Fact]
    public void What_is_written_is_read_again()
    {
        Sample.Write(_folder.Path);
        var read = CalibrationFile.Beside(_folder.Path)!;

        Assert.Equal(Sample.Coefficients, read.Coefficients);
        Assert.Equal(
            (Sample.ModelRevision, Sample.AdapterRevision, 7L, 0.01),
            (read.ModelRevision, read.AdapterRevision, read.FittedOn.Seed, read.FittedOn.ErrorAfter)
        );
        Assert.Equal([CalibrationFile.Name], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Without_a_file_nothing_is_fitted() =>
        Assert.Same(CalibrationChoice.Unfitted, CalibrationChoice.For(_folder.Path, "m", null));

    [Theory]
    [InlineData("0123456789abcdef", null, true)]
    [InlineData("other", null, false)]
    [InlineData("0123456789abcdef", "an adapter", false)]
    public void It_is_used_with_the_weights_that_it_was_fitted_to_and_no_others(string model, string? adapter, bool fits)
    {
        Sample.Write(_folder.Path);
        var choice = CalibrationChoice.For(_folder.Path, model, adapter);

        Assert.Equal(fits ? CalibrationSource.Fitted : CalibrationSource.SupportSet, choice.Source);
        Assert.Equal(fits, choice.Problem is null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"version\":1")]
    [InlineData("[1,2,3]")]
    [InlineData("{\"version\":1,\"form\":\"distance-temperature\"}")]
    public void A_damaged_file_is_one_clear_error(string text) => Refused(text);

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2")]
    [InlineData("distance-temperature", "platt")]
    [InlineData("2.5,", "2.5, 1,")]
    [InlineData("2.5,", "1e999,")]
    public void A_file_of_another_program_is_one_clear_error(string from, string to)
    {
        Sample.Write(_folder.Path);
        var text = File.ReadAllText(Path.Combine(_folder.Path, CalibrationFile.Name));
        Assert.Contains(from, text, StringComparison.Ordinal);
        Refused(text.Replace(from, to, StringComparison.Ordinal));
    }

    private void Refused(string text)
    {
        File.WriteAllText(Path.Combine(_folder.Path, CalibrationFile.Name), text);
        Assert.Contains(
            "Write the file again with 'calibrate', or delete it.",
            Assert.Throws<CalibrationException>(() => CalibrationFile.Beside(_folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    public void Dispose() => _folder.Dispose();
}
