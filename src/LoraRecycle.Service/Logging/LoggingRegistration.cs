using Serilog;
using Serilog.Settings.Configuration;

namespace LoraRecycle.Service.Logging;

internal static class LoggingRegistration
{
    /// <summary>Serilog, as the section <c>Serilog</c> of the configuration says.</summary>
    public static WebApplicationBuilder AddStructuredLogging(this WebApplicationBuilder builder)
    {
        // The sink's assembly is named because a single-file build has no dependency list to search.
        var sinks = new ConfigurationReaderOptions(typeof(ConsoleLoggerConfigurationExtensions).Assembly);
        var logger = new LoggerConfiguration()
            .ReadFrom.Configuration(builder.Configuration, sinks)
            .Enrich.FromLogContext()
            .CreateLogger();
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Trace); // the levels are Serilog's to set
        builder.Logging.AddSerilog(logger, dispose: true);
        return builder;
    }

    public static IApplicationBuilder UseRequestLogging(this IApplicationBuilder app) => app.UseMiddleware<RequestLogging>();
}
