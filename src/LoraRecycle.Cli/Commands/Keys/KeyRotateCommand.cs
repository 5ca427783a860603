using System.CommandLine;
using LoraRecycle.Cli.Output;

namespace LoraRecycle.Cli.Commands.Keys;

/// <summary>Gives a key a new token.</summary>
internal sealed class KeyRotateCommand : KeyShowingVerb
{
    private readonly Argument<string> _key = new("KEY") { Description = "The key's id or name." };
    private readonly KeyStoreOption _store = KeyStoreOption.Create();

    public KeyRotateCommand() : base("rotate", "Give a key a new token; the old one stops working at once.")
    {
        Arguments.Add(_key);
        Options.Add(_store);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } = ["./run key rotate shop"];

    protected override ShownKey Compute(ParseResult parsed, CancellationToken cancellation) =>
        Shown(_store.Open(parsed).Rotate(parsed.GetRequiredValue(_key)));
}
