using LoraRecycle.Service.Features.Classification;
using LoraRecycle.Service.Features.Limits;
using LoraRecycle.Service.Features.Loras;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Features.Models;
using LoraRecycle.Service.Features.Page;
using LoraRecycle.Service.Features.Page.Manual;
using LoraRecycle.Service.Features.Page.Samples;
using LoraRecycle.Service.Features.Recycling;
using LoraRecycle.Service.Features.Recycling.Endpoints;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Features.StoredTasks;
using LoraRecycle.Service.Features.StoredTasks.Storage;
using LoraRecycle.Service.Features.Tuning;
using LoraRecycle.Service.Features.Tuning.Requests;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Host;

/// <summary>A part of the API: a folder of <c>Features</c>, and a line here.</summary>
/// <param name="Add">Registers what it needs.</param>
/// <param name="Map">Adds its endpoints.</param>
/// <param name="Problems">The errors that it alone answers with.</param>
internal sealed record Feature(Action<IServiceCollection> Add, Action<IEndpointRouteBuilder> Map, IReadOnlyList<ProblemKind> Problems)
{
    /// <summary>In the order of the OpenAPI document.</summary>
    public static IReadOnlyList<Feature> All { get; } =
    [
        new(services => services.AddClassification(), app => app.MapClassify(), []),
        new(services => services.AddStoredTasks(), app => app.MapStoredTasks(), TaskProblems.All),
        new(services => services.AddMetaLoras(), app => app.MapMetaLoras(), MetaLoraProblems.All),
        new(services => services.AddLoras(), app => app.MapLoras(), LoraProblems.All),
        new(services => services.AddRecycling(), app => app.MapRecycle().MapDataSets(), RecycleProblems.All),
        new(services => services.AddTuning(), app => app.MapTune(), TuneProblems.All),
        new(services => services.AddModelsAnswer(), app => app.MapModels(), []),
        new(services => services.AddLimitsAnswer(), app => app.MapLimits(), []),
        new(services => services.AddPage(), app => app.MapSamples().MapPage().MapManual(), []),
    ];
}
