namespace LoraRecycle.Service.Platform.Web;

/// <summary>HEAD wherever there is GET (RFC 9110, section 9.3.2).</summary>
internal static class HeadRequests
{
    /// <summary>Routes whose GET answers HEAD as well: the handler runs, and the web server sends its headers without a body.</summary>
    public static RouteGroupBuilder MapWithHead(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("");
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            for (var i = 0; i < endpoint.Metadata.Count; i++)
                if (endpoint.Metadata[i] is IHttpMethodMetadata { HttpMethods: var methods } && methods.Contains(HttpMethods.Get))
                    endpoint.Metadata[i] = new HttpMethodMetadata([.. methods.Append(HttpMethods.Head).Distinct()]);
        });
        return group;
    }

    /// <summary>The same for middleware that only knows GET.</summary>
    public static IApplicationBuilder UseHeadAsGet(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (HttpMethods.IsHead(context.Request.Method))
            context.Request.Method = HttpMethods.Get; // the web server remembers what it was, and sends no body
        return next(context);
    });
}
