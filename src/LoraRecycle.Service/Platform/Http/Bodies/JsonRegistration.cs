using System.Text.Json.Serialization.Metadata;

namespace LoraRecycle.Service.Platform.Http.Bodies;

internal static class JsonRegistration
{
    /// <summary>Lets generated code write and read the types of a feature in requests and answers.</summary>
    public static IServiceCollection AddJson(this IServiceCollection services, IJsonTypeInfoResolver types) =>
        services.ConfigureHttpJsonOptions(options => options.SerializerOptions.TypeInfoResolverChain.Insert(0, types));
}
