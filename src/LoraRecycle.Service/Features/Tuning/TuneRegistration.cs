using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Features.Tuning.Requests;
using LoraRecycle.Service.Platform.Http.Bodies;

namespace LoraRecycle.Service.Features.Tuning;

internal static class TuneRegistration
{
    /// <summary>Tuning: requests for it, and answers. The work is that of jobs.</summary>
    public static IServiceCollection AddTuning(this IServiceCollection services) => services
        .AddSingleton<TuneOptions>()
        .AddSingleton<TuneRequestReader>()
        .AddSingleton<TuneExamples>()
        .AddSingleton<TuneIntake>()
        .AddSingleton<TuneDescriber>()
        .AddJson(TuneJson.Default)
        .ConfigureHttpJsonOptions(options =>
        {
            var converters = options.SerializerOptions.Converters;
            converters.Add(new CamelCaseEnum<Objective>());
            converters.Add(new CamelCaseEnum<LoraForm>());
            converters.Add(new CamelCaseEnum<FactorStart>());
            converters.Add(new CamelCaseEnum<Adjustment>());
            converters.Add(new CamelCaseEnum<GateRule>());
            converters.Add(new CamelCaseEnum<Chosen>());
        });
}
