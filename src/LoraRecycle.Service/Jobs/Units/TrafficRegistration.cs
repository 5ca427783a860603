namespace LoraRecycle.Service.Jobs.Units;

internal static class TrafficRegistration
{
    private static readonly PathString[] AskTheModel = ["/classify", "/tasks"];

    /// <summary>Notices requests that want the model, so that jobs let them go first.</summary>
    public static IApplicationBuilder UseServingTraffic(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (!AskTheModel.Any(path => context.Request.Path.StartsWithSegments(path)))
        {
            await next(context);
            return;
        }
        using (context.RequestServices.GetRequiredService<ServingTraffic>().Begin())
            await next(context);
    });
}
