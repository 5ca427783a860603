using System.CommandLine;

namespace LoraRecycle.Cli.Commands.Keys;

/// <summary>Makes, lists, replaces and revokes the API keys of the service.</summary>
internal sealed class KeyCommand : Command, IVerb
{
    private readonly IReadOnlyList<Command> _verbs =
    [
        new KeyCreateCommand(),
        new KeyListCommand(),
        new KeyRotateCommand(),
        new KeyRevokeCommand(),
    ];

    public KeyCommand()
        : base("key", "Create, list, rotate or revoke API keys of the service; a running server picks up changes by itself.")
    {
        foreach (var verb in _verbs)
            Subcommands.Add(verb);
    }

    public IReadOnlyList<string> Examples => [.. _verbs.Cast<IVerb>().SelectMany(verb => verb.Examples)];
}
