using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;
using LoraRecycle.Cli.Output;
using LoraRecycle.Core.Evaluation.Verification;

namespace LoraRecycle.Cli.Commands.Models;

/// <summary>Compares a model and an adapter with what another implementation computed.</summary>
internal sealed class VerifyCommand : ResultVerb<VerifiedOutput[]>
{
    private readonly ModelOptions _model = new();
    private readonly Option<string> _expected = new("--expected")
    {
        Description =
            "A safetensors file with pixel_values and the outputs to compare: image_embeds, last_hidden_state, pooler_output, and "
                + "logits of an adapter's own head.",
        Required = true,
        HelpName = "FILE",
    };

    public VerifyCommand()
        : base(
            "verify",
            $"Compare a model's outputs with recorded ones, by max |a - b| / max |b|; the exit code is 1 above "
                + $"{VerifiedOutput.Tolerance:0e-0}. An adapter is checked both as a side branch and merged.",
            CliJson.Default.VerifiedOutputArray
        )
    {
        _model.AddTo(this);
        Options.Add(_expected);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "./run verify --model tests/golden/vit/model --expected tests/golden/vit/model/expected.safetensors",
        "./run verify --model tests/golden/clip/model --adapter tests/golden/clip/adapters/lora_qv --expected "
            + "tests/golden/clip/adapters/lora_qv/expected.safetensors",
    ];

    protected override VerifiedOutput[] Compute(ParseResult parsed, CancellationToken cancellation)
    {
        var expected = parsed.GetValue(_expected)!;
        if (!File.Exists(expected))
            throw new UsageException($"--expected {expected}: no such file.");
        return [.. ModelVerification.Run(_model.Directory(parsed), _model.Adapter(parsed), expected, _model.Device(parsed))];
    }

    protected override int Code(VerifiedOutput[] result) => result.All(o => o.Passes) ? ExitCode.Ok : ExitCode.Negative;

    protected override void Show(TextWriter output, VerifiedOutput[] result, ParseResult parsed)
    {
        var table = Tables.New("computed", "output", "largest relative error", "");
        foreach (var o in result)
            table.Row(o.Way, o.Output, o.RelativeError.ToString("0.0e-00", CultureInfo.InvariantCulture), o.Passes ? "ok" : "TOO LARGE");
        output.WriteTable(table);
    }
}
