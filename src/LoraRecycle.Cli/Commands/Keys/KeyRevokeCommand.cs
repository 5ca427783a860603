using System.CommandLine;
using LoraRecycle.Cli.Output;

namespace LoraRecycle.Cli.Commands.Keys;

/// <summary>Makes a key good for nothing.</summary>
internal sealed class KeyRevokeCommand : ResultVerb<ListedKey>
{
    private readonly Argument<string> _key = new("KEY") { Description = "The key's id or name." };
    private readonly KeyStoreOption _store = KeyStoreOption.Create();

    public KeyRevokeCommand() : base("revoke", "Revoke a key, at once and permanently.", CliJson.Default.ListedKey)
    {
        Arguments.Add(_key);
        Options.Add(_store);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } = ["./run key revoke shop"];

    protected override ListedKey Compute(ParseResult parsed, CancellationToken cancellation) =>
        ListedKey.Of(_store.Open(parsed).Revoke(parsed.GetRequiredValue(_key)));

    protected override void Show(TextWriter output, ListedKey result, ParseResult parsed) =>
        output.WriteLine($"Key {result.Id}, '{result.Name}', is revoked.");
}
