using System.CommandLine;
using System.Globalization;
using LoraRecycle.Cli.Output;

namespace LoraRecycle.Cli.Commands.Keys;

/// <summary>Lists the keys.</summary>
internal sealed class KeyListCommand : ResultVerb<ListedKey[]>
{
    private readonly KeyStoreOption _store = KeyStoreOption.Create();

    public KeyListCommand() : base("list", "List the keys, including revoked ones, without their tokens.", CliJson.Default.ListedKeyArray)
    {
        Options.Add(_store);
        Complete();
    }

    public override IReadOnlyList<string> Examples { get; } = ["./run key list"];

    protected override ListedKey[] Compute(ParseResult parsed, CancellationToken cancellation) =>
        [.. _store.Open(parsed).Read().Select(ListedKey.Of)];

    protected override void Show(TextWriter output, ListedKey[] result, ParseResult parsed)
    {
        var table = Tables.New("key", "name", "scopes", "created", "rotated", "revoked");
        foreach (var key in result)
            table.Row(key.Id, key.Name, string.Join(',', key.Scopes), Date(key.Created), Date(key.Rotated), Date(key.Revoked));
        output.WriteTable(table);
    }

    private static string Date(DateTimeOffset? date) => date?.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) ?? "-";
}
