using Serilog;
using Serilog.Extensions.Hosting;
using Serilog.Settings.Configuration;

namespace LoraRecycle.Service.Platform.Observability.Logging;

internal static class LoggingRegistration
{
    /// <summary>
    /// Serilog, as the section <c>Serilog</c> of the configuration says. It is one provider among others, not the factory of all
    /// loggers, because the list of server errors is another, which hears what these settings do not let through.
    /// </summary>
    public static WebApplicationBuilder AddStructuredLogging(this WebApplicationBuilder builder)
    {
        // The sink's assembly is named because a single-file build has no dependency list to search.
        var sinks = new ConfigurationReaderOptions(typeof(ConsoleLoggerConfigurationExtensions).Assembly);
        var logger = new LoggerConfiguration()
            .ReadFrom.Configuration(builder.Configuration, sinks)
            .Enrich.FromLogContext()
            // Whoever starts the server says in a line why it does not start; these say it with a stack trace, twice.
            .Filter.ByExcluding(entry => entry is
            {
                Exception: not null,
                MessageTemplate.Text: "Unable to start Kestrel." or "Hosting failed to start",
            })
            .CreateLogger();
        builder.Logging.ClearProviders()
            .SetMinimumLevel(LogLevel.Trace) // the levels are Serilog's to set
            .AddSerilog(logger, dispose: true);
        builder.Services
            .AddSingleton<Serilog.ILogger>(logger)
            .AddSingleton(new DiagnosticContext(logger))
            .AddSingleton<IDiagnosticContext>(services => services.GetRequiredService<DiagnosticContext>());
        return builder;
    }
}
