using System.IO.Compression;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Startup;

namespace LoraRecycle.Service.Platform.Http.Limits;

internal static class LimitsRegistration
{
    /// <summary>What a request may ask for, its decompression included.</summary>
    public static IServiceCollection AddLimits(this IServiceCollection services) => services
        .AddValidatedOptions<LimitsOptions>(LimitsOptions.Section)
        .AddRequestDecompression(options =>
        {
            var providers = options.DecompressionProviders;
            providers["gzip"] = new WholeDecompression(body => new GZipStream(body, CompressionMode.Decompress));
            providers["br"] = new WholeDecompression(body => new BrotliStream(body, CompressionMode.Decompress));
            providers["deflate"] = new WholeDecompression(body => new ZLibStream(body, CompressionMode.Decompress));
            // RFC 9110, section 8.4.1.3: the older name of the same.
            providers["x-gzip"] = providers["gzip"];
        })
        .AddSingleton<RequestPlaces>();
}
