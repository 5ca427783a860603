using System.CommandLine;
using LoraRecycle.Cli.Output;
using LoraRecycle.Service.Platform.Security;

namespace LoraRecycle.Cli.Commands.Keys;

/// <summary>Makes a key.</summary>
internal sealed class KeyCreateCommand : KeyShowingVerb
{
    private readonly Option<string> _name = new("--name") { Description = "The owner of the key.", Required = true };
    private readonly Option<string> _scopes = new("--scopes")
    {
        Description = $"What the key may be used for: some of {string.Join(", ", ApiScopes.All)}; no scope includes another.",
        HelpName = "SCOPE,...",
        Required = true,
    };

    private readonly KeyStoreOption _store = KeyStoreOption.Create();

    public KeyCreateCommand() : base("create", "Create a key and show its token, this one time.")
    {
        Options.Add(_name);
        Options.Add(_scopes);
        Options.Add(_store);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } =
        ["./run key create --name shop --scopes classify", "./run key create --name operator --scopes classify,tasks,market,admin"];

    protected override ShownKey Compute(ParseResult parsed, CancellationToken cancellation) =>
        Shown(
            _store
                .Open(parsed)
                .Create(
                    parsed.GetRequiredValue(_name),
                    parsed.GetRequiredValue(_scopes).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                )
        );
}
