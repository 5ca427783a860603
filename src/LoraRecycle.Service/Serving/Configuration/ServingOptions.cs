using System.ComponentModel.DataAnnotations;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Service.Platform.Http.Limits;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Serving.Configuration;

/// <summary>How images of concurrent requests share the model.</summary>
public sealed class ServingOptions
{
    public const string Section = "Serving";

    /// <summary>
    /// Where the model runs: <c>cpu</c>; one CUDA device or several, <c>cuda:0,cuda:1</c>; or <c>auto</c> (every CUDA device,
    /// else the CPU). Of one kind, because answers must not depend on the device. One that is listed twice runs two models.
    /// </summary>
    [Required, RegularExpression(DeviceName.ListPattern, ErrorMessage = $"Expected {DeviceName.ExpectedList}.")]
    public string Device { get; set; } = "auto";

    /// <summary>
    /// In what the model computes: <c>float32</c>, <c>bfloat16</c>, or <c>auto</c>: bfloat16 on a CUDA device and on a CPU with
    /// AVX512-BF16 or AMX, else float32. Embeddings of different precisions are not compared with each other, so servers that
    /// share a database and differ in their processors should name one.
    /// </summary>
    [Required, RegularExpression(ComputePrecisions.Pattern, ErrorMessage = $"Expected {ComputePrecisions.Expected}.")]
    public string Precision { get; set; } = "auto";

    /// <summary>Most images of one forward pass.</summary>
    [Range(1, 4096)]
    public int MaxBatch { get; set; } = 32;

    /// <summary>How long a batch that is not full waits for images which are being decoded. When there are none it does not wait.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Most images that may wait for the model; a request that would go beyond it is refused with 503.</summary>
    [Range(1, 1_000_000)]
    public int QueueImages { get; set; } = 4_000;

    /// <summary>Threads of one forward pass on the CPU; 0 takes every processor, shared out when several models are on it.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>Most bytes of decoded pixels that may wait for the model, all requests together.</summary>
    [Range(1L << 20, 1L << 40)]
    public long DecodedBytes { get; set; } = 512L << 20;
}

/// <summary>The settings that must fit one another.</summary>
internal sealed class ServingFitsLimits(IOptions<LimitsOptions> limits) : IValidateOptions<ServingOptions>
{
    public ValidateOptionsResult Validate(string? name, ServingOptions options)
    {
        LimitsOptions limit;
        try
        {
            limit = limits.Value;
        }
        catch (OptionsValidationException)
        {
            return ValidateOptionsResult.Skip; // reported as errors of Limits
        }
        if (options.QueueImages < limit.ImagesPerRequest)
            return ValidateOptionsResult.Fail(
                $"Serving:QueueImages: Must be at least Limits:ImagesPerRequest ({limit.ImagesPerRequest}), or the largest request "
                    + $"could never be served. Found '{options.QueueImages}'."
            );
        if (options.DecodedBytes < 3 * limit.PixelsPerImage)
            return ValidateOptionsResult.Fail(
                $"Serving:DecodedBytes: Must be at least 3 bytes for each of Limits:PixelsPerImage ({3 * limit.PixelsPerImage}). Found "
                    + $"'{options.DecodedBytes}'."
            );
        return ValidateOptionsResult.Success;
    }
}
