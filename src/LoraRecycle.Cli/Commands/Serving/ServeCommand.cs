using System.CommandLine;
using LoraRecycle.Cli.Hosting;
using LoraRecycle.Service.Host;
using LoraRecycle.Service.Platform.Startup;
using Microsoft.Extensions.Hosting;

namespace LoraRecycle.Cli.Commands.Serving;

/// <summary>Serves the HTTP API until it is interrupted.</summary>
internal sealed class ServeCommand : Command, IVerb
{
    private readonly Option<string?> _url = new("--url") { Description = "Where to listen. Shipped setting: http://127.0.0.1:8080." };
    private readonly Option<string?> _model = new("--model")
    {
        Description =
            "The model's Hugging Face directory, or ORG/NAME of one that pull fetched from the hub. Shipped setting: models/vit-s-12-96.",
        HelpName = "DIR|ORG/NAME",
    };
    private readonly Option<string?> _device = new("--device")
    {
        Description =
            "Where the model runs: cpu, CUDA devices such as cuda:0,cuda:1, or auto, which uses all of them. Shipped setting: auto.",
    };

    private readonly Option<string?> _metaLora = new("--meta-lora")
    {
        Description = "The meta-LoRA to activate at the start, or none. Shipped setting: default, if it was made for the model.",
        HelpName = "ID|none",
    };

    private readonly Option<string?> _role = new("--role")
    {
        Description =
            "What the process does: all; api, which leaves recycling jobs to workers; or worker, which runs only those. Shipped "
                + "setting: all.",
        HelpName = "api|worker|all",
    };

    public ServeCommand()
        : base(
            "serve",
            "Serve the HTTP API (the default verb). Options such as --Serving:MaxBatch=16 override settings in appsettings.json."
        )
    {
        Options.Add(_url);
        Options.Add(_model);
        Options.Add(_device);
        Options.Add(_metaLora);
        Options.Add(_role);
        _role.AcceptOnlyFromAmong("api", "worker", "all");
        TreatUnmatchedTokensAsErrors = false;
        SetAction(ServeAsync);
    }

    public IReadOnlyList<string> Examples { get; } =
    [
        "./run",
        "./run serve --url http://0.0.0.0:8080",
        "./run serve --model models/vit-s-12-96 --device cpu --Serving:MaxBatch=16",
        "./run serve --meta-lora none",
        "./run serve --role worker --State:Provider=postgresql --State:ConnectionString='Host=db;Database=lora;Username=lora;Password=...'",
    ];

    private async Task<int> ServeAsync(ParseResult parsed, CancellationToken cancellation)
    {
        // The configuration would swallow a misspelt option without a word.
        if (parsed.UnmatchedTokens.FirstOrDefault(token => !ServiceSettings.IsSetting(token)) is { } unknown)
            throw new UsageException($"Unrecognized argument '{unknown}'; a setting looks like --Serving:MaxBatch=16.");

        var output = parsed.InvocationConfiguration.Output;
        var settings = ServiceSettings.From(
            parsed.GetValue(_url),
            parsed.GetValue(_model),
            parsed.GetValue(_device),
            parsed.GetValue(_metaLora),
            parsed.GetValue(_role)
        );
        await using var app = ServiceHost.Build([.. settings, .. parsed.UnmatchedTokens]);
        await ListeningException.StartAsync(app, cancellation);
        Greeting.Write(output, app.Urls);
        await app.WaitForShutdownAsync(cancellation);
        // The service marks the process when it stops because it has no model to serve; it has logged why.
        return Environment.ExitCode is ExitCode.Ok or ExitCode.BadInput ? Environment.ExitCode : ExitCode.Environment;
    }
}
