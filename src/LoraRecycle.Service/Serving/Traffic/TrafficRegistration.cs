namespace LoraRecycle.Service.Serving.Traffic;

/// <summary>Marks endpoints whose requests want the model.</summary>
internal sealed class AsksTheModel;

internal static class TrafficRegistration
{
    public static TBuilder AskTheModel<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new AsksTheModel());

    /// <summary>Notices requests that want the model, so that jobs let them go first. After routing.</summary>
    public static IApplicationBuilder UseServingTraffic(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AsksTheModel>() is null)
        {
            await next(context);
            return;
        }
        using (context.RequestServices.GetRequiredService<ServingTraffic>().Begin())
            await next(context);
    });
}
