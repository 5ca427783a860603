using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Errors;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Evaluation;

namespace LoraRecycle.Cli.Commands;

/// <summary>Compares a model and an adapter with what another implementation computed.</summary>
internal sealed class VerifyCommand : Command, IVerb
{
    private readonly ModelOptions _model = new();
    private readonly Option<string> _expected = new("--expected")
    {
        Description = "A safetensors file with pixel_values and the outputs to compare: image_embeds, last_hidden_state, pooler_output.",
        Required = true,
        HelpName = "FILE",
    };
    private readonly JsonOption _json = JsonOption.Create();

    public VerifyCommand()
        : base("verify", $"Compare a model's outputs with recorded ones, by max |a - b| / max |b|; above {VerifiedOutput.Tolerance:0e-0} the exit code is 1. An adapter is checked as a side branch and merged.")
    {
        _model.AddTo(this);
        Options.Add(_expected);
        Options.Add(_json);
        SetAction((parsed, cancellation) => Task.Run(() => Run(parsed), cancellation));
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run verify --model tests/golden/vit/model --expected tests/golden/vit/model/expected.safetensors",
        "./run verify --model tests/golden/clip/model --adapter tests/golden/clip/adapters/lora_qv --expected tests/golden/clip/adapters/lora_qv/expected.safetensors",
    ];

    private int Run(ParseResult parsed)
    {
        var expected = parsed.GetValue(_expected)!;
        if (!File.Exists(expected))
            throw new UsageException($"--expected {expected}: there is no such file.");
        VerifiedOutput[] outputs = [.. ModelVerification.Run(_model.Directory(parsed), _model.Adapter(parsed), expected, _model.Device(parsed))];

        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(_json))
            CliJson.Write(output, outputs, CliJson.Default.VerifiedOutputArray);
        else
            Show(output, outputs);
        return outputs.All(o => o.Passes) ? ExitCode.Ok : ExitCode.Negative;
    }

    private static void Show(TextWriter output, VerifiedOutput[] outputs)
    {
        var table = Tables.New("computed", "output", "largest relative error", "");
        foreach (var o in outputs)
            table.Row(o.Way, o.Output, o.RelativeError.ToString("0.0e-00", CultureInfo.InvariantCulture), o.Passes ? "ok" : "TOO LARGE");
        output.WriteTable(table);
    }
}
