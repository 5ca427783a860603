using System.CommandLine;
using LoraRecycle.Cli.Output;
using LoraRecycle.Service.Platform.Security;

namespace LoraRecycle.Cli.Commands.Keys;

/// <summary>A verb that ends with a token, which it shows this once.</summary>
internal abstract class KeyShowingVerb(string name, string description) : ResultVerb<ShownKey>(name, description, CliJson.Default.ShownKey)
{
    protected static ShownKey Shown(IssuedApiKey issued) => new(issued.Key.Id, issued.Key.Name, issued.Key.Scopes, issued.Token);

    protected override void Show(TextWriter output, ShownKey result, ParseResult parsed) => output.WriteLine($"""
        Key {result.Id}, '{result.Name}', for {string.Join(", ", result.Scopes)}:

            {result.Token}

        The token is shown only now; the server keeps only its hash. Send it as 'Authorization: Bearer <token>' or 'X-Api-Key: <token>'.
        """);
}
