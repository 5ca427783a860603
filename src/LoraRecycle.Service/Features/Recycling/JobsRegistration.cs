using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Features.Recycling.Endpoints;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Recycling.Progress;
using LoraRecycle.Service.Features.Recycling.Requests;
using LoraRecycle.Service.Features.Recycling.Scheduling;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Features.Recycling.Units;
using LoraRecycle.Service.Features.Recycling.Units.Pace;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Startup;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Recycling;

internal static class JobsRegistration
{
    /// <summary>Jobs: requests for recycling, the database's part, and the work of all kinds.</summary>
    public static IServiceCollection AddRecycling(this IServiceCollection services) => services
        .AddValidatedOptions<JobsOptions>(JobsOptions.Section)
        .AddSingleton<IValidateOptions<JobsOptions>, JobsArePossible>()
        .AddSingleton<JobFolders>()
        .AddSingleton<JobPrior>()
        .AddSingleton<JobMetrics>()
        .AddRequests()
        .AddProgress()
        .AddUnits()
        .AddSingleton<JobWorker>()
        .AddHostedService(provider => provider.GetRequiredService<JobWorker>());

    private static IServiceCollection AddRequests(this IServiceCollection services) => services
        .AddSingleton<DataSets>()
        .AddSingleton<LoraSelection>()
        .AddSingleton<RecycleRequestReader>()
        .AddSingleton<JobAdmission>()
        .AddSingleton<JobIntake>()
        .AddSingleton<JobHistory>()
        .AddSingleton<JobDescriber>()
        .AddSingleton<JobEnding>()
        .AddSingleton<JobReader>()
        .AddSingleton<MetaLoraUse>(provider => provider.GetRequiredService<JobReader>().UseAsync)
        .AddSingleton<JobEventStream>()
        .AddSingleton<JobImages>()
        .AddJson(RecycleAnswersJson.Default)
        .ConfigureHttpJsonOptions(options => options.SerializerOptions.Converters.Add(new CamelCaseEnum<MetaLoraStart>()));

    private static IServiceCollection AddProgress(this IServiceCollection services) => services
        .AddSingleton<JobSignals>()
        .AddSingleton<JobTransactions>()
        .AddSingleton<ResultActivation>()
        .AddSingleton<JobPublication>()
        .AddSingleton<LoraPublication>()
        .AddSingleton<JobAdvance>()
        .AddSingleton<JobRemoval>()
        .AddSingleton<JobSweep>()
        .AddSingleton<UnitScheduler>()
        .AddSingleton<UnitJobFactory>()
        .AddSingleton<RunUnit>(provider => provider.GetRequiredService<UnitRunner>().RunAsync);

    private static IServiceCollection AddUnits(this IServiceCollection services) => services
        .AddSingleton<WorkerIdentity>()
        .AddSingleton<WorkerStop>()
        .AddSingleton<PaceFactory>()
        .AddSingleton<DevicePool>()
        .AddSingleton<UnitClaims>()
        .AddSingleton<IUnitWork, InversionWork>()
        .AddSingleton<IUnitWork, DistillationWork>()
        .AddSingleton<IUnitWork, EvaluationWork>()
        .AddSingleton<IUnitWork, TuningWork>()
        .AddSingleton<UnitRunner>();
}
