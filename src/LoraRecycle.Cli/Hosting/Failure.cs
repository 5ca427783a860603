using System.Runtime.InteropServices;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.FewShot.Calibration;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Cli.Hosting;

/// <summary>An exception as the user meets it: one line and an exit code.</summary>
internal sealed record Failure(int ExitCode, string Message)
{
    public static Failure Of(Exception exception, CancellationToken cancellation) =>
        exception switch
        {
            OperationCanceledException when cancellation.IsCancellationRequested => new(Hosting.ExitCode.Interrupted, "interrupted"),
            TypeInitializationException { InnerException: { } inner } => Of(inner, cancellation),
            DllNotFoundException
            or EntryPointNotFoundException
            or BadImageFormatException
            or DeviceException
            or EnvironmentException
            or HubAccessException
            or HttpRequestException
            or ListeningException
            or StateVersionException => Environment(exception),
            OptionsValidationException options => Input(string.Join("; ", options.Failures)),
            AggregateException { InnerExceptions: [OptionsValidationException, ..] several } => Input(
                string.Join("; ", several.OfType<OptionsValidationException>().SelectMany(e => e.Failures))
            ),
            UsageException
            or DataSetException
            or HubContentException
            or ImageException
            or ModelException
            or DistillationException
            or InversionException
            or AdapterException
            or CalibrationException
            or SafetensorsException
            or TuningException
            or DivergenceException
            or MarketException
            or ApiKeyException
            or IOException
            or UnauthorizedAccessException => Input(exception.Message),
            ExternalException => new(
                Hosting.ExitCode.Fault,
                $"libtorch refused an operation: {OneLine(TorchException.Brief(exception.Message))} (--verbose shows where)"
            ),
            _ => new(
                Hosting.ExitCode.Fault,
                $"unexpected {exception.GetType().Name}: {OneLine(exception.Message)} (--verbose shows where)"
            ),
        };

    public static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();

    private static Failure Environment(Exception exception) => new(Hosting.ExitCode.Environment, OneLine(exception.Message));

    private static Failure Input(string message) => new(Hosting.ExitCode.BadInput, OneLine(message));
}
