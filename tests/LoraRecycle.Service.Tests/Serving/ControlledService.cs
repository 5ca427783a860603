using System.Collections.Concurrent;
using System.Globalization;
using LoraRecycle.Service.Serving.Devices;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;
using LoraRecycle.Tests;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Display;

namespace LoraRecycle.Service.Tests.Serving;

/// <summary>The whole service on a real port, with a <see cref="ControlledModel"/> on each device in the place of the shipped one, and its
/// log at hand.</summary>
internal sealed class ControlledService : WebApplicationFactory<Program>, ILogEventSink
{
    /// <summary>As the console has it.</summary>
    private static readonly MessageTemplateTextFormatter Rendering = new("{Message:lj}", CultureInfo.InvariantCulture);

    private readonly ConcurrentDictionary<string, ControlledModel> _models = [];
    private readonly Dictionary<string, string> _settings;
    private readonly bool _isClosed;

    public ControlledService(params (string Name, string Value)[] settings) : this(closed: false, settings) { }

    /// <param name="closed">Whether the model waits for the test already at its first forward pass.</param>
    /// <param name="settings">Settings of the service.</param>
    public ControlledService(bool closed, params (string Name, string Value)[] settings)
    {
        _isClosed = closed;
        _settings = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        UseKestrel(0);
        StartServer();
        if (!closed)
            AwaitModels();
    }

    /// <summary>That of the first device.</summary>
    public ControlledModel Model => On("cpu");

    /// <summary>That of a device by its name.</summary>
    public ControlledModel On(string device) => _models.GetOrAdd(device, _ =>
    {
        var model = new ControlledModel();
        if (_isClosed)
            model.Close();
        return model;
    });

    public ConcurrentQueue<(LogEventLevel Level, string Message, string? RequestId)> Log { get; } = new();

    public ImageEmbedder Embedder => Services.GetRequiredService<ImageEmbedder>();

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        builder.UseSetting("Models:Directory", TinyModel.Models);
        builder.UseSetting("Models:Default", TinyModel.Name);
        builder.UseSetting("Models:MetaLora", "none"); // whatever is shipped
        builder.UseSetting("Serving:Device", "cpu");
        builder.UseSetting("Storage:Directory", RunningService.NewDataDirectory);
        builder.UseSetting("Serilog:MinimumLevel:Default", "Fatal");
        // On a busy machine a picture may take longer to decode than a batch waits as shipped; here a request stays in one batch.
        builder.UseSetting("Serving:MaxWait", "00:00:01");
        foreach (var (name, value) in _settings)
            builder.UseSetting(name, value);
        var recorder = new LoggerConfiguration().Enrich.FromLogContext().WriteTo.Sink(this).CreateLogger();
        builder.ConfigureTestServices(services => services
            .AddSingleton<LoadFoundationModel>(device => On(device.Name).Source)
            .AddSingleton<Serilog.ILogger>(recorder) // which has the lines of requests
            .AddSingleton<ILoggerProvider>(new SerilogLoggerProvider(recorder)));
    }

    /// <summary>Waits until so many images are admitted and not yet in a forward pass.</summary>
    public Task UntilWaitingAsync(int images) =>
        UntilAsync(() => Embedder.Waiting == images, () => $"{images} images to wait; {Embedder.Waiting} do");

    /// <summary>Closes the model and sends a request, whose forward pass then does not end until the model is opened.</summary>
    /// <returns>The request, when it is in that pass and nothing waits behind it.</returns>
    public async Task<Task<HttpResponseMessage>> OccupiedByAsync(Func<Task<HttpResponseMessage>> send)
    {
        Model.Close();
        var request = send();
        await Model.Entered.Task;
        await UntilWaitingAsync(0);
        return request;
    }

    public Task UntilLoggedAsync(string text) =>
        UntilAsync(() => Log.Any(entry => entry.Message.Contains(text, StringComparison.Ordinal)), () => $"'{text}' to be logged");

    /// <summary>A test that waits for what never comes must fail, not hang.</summary>
    public static async Task UntilAsync(Func<bool> holds, Func<string> expectation)
    {
        for (var attempt = 0; !holds(); attempt++)
        {
            Assert.True(attempt < 6_000, $"Expected {expectation()} within half a minute.");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets every model go on first: a test that failed must say why, and not wait for what it left closed.</summary>
    public override async ValueTask DisposeAsync()
    {
        foreach (var model in _models.Values)
            model.Open();
        await base.DisposeAsync();
    }

    /// <summary>The server listens before its models have made their first pass, with which a test would not reckon.</summary>
    private void AwaitModels() => ((IAsyncResult)Services.GetRequiredService<ServingDevices>().Model)
        .AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(30));

    void ILogEventSink.Emit(LogEvent logEvent)
    {
        using var message = new StringWriter();
        Rendering.Format(logEvent, message);
        Log.Enqueue(
            (logEvent.Level, message.ToString(), (logEvent.Properties.GetValueOrDefault("RequestId") as ScalarValue)?.Value as string)
        );
    }
}
