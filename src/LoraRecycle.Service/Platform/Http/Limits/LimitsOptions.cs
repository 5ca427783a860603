using System.ComponentModel.DataAnnotations;

namespace LoraRecycle.Service.Platform.Http.Limits;

/// <summary>What one request may ask for. Beyond each limit it is refused with a problem of its own.</summary>
public sealed class LimitsOptions
{
    public const string Section = "Limits";

    /// <summary>Most bytes of a request body, as sent and again after decompression.</summary>
    [Range(1024.0, int.MaxValue)]
    public long RequestBytes { get; set; } = 64L << 20;

    /// <summary>Most bytes of one encoded image.</summary>
    [Range(64, 1L << 30)]
    public long ImageBytes { get; set; } = 16L << 20;

    /// <summary>Most pixels of one image, told from its header before a pixel is decoded.</summary>
    [Range(1.0, 500_000_000)]
    public long PixelsPerImage { get; set; } = 50_000_000;

    /// <summary>Most images of one episode, support and queries together.</summary>
    [Range(3, 100_000)]
    public int ImagesPerRequest { get; set; } = 2_000;

    /// <summary>Most classes of one episode.</summary>
    [Range(2, 10_000)]
    public int Ways { get; set; } = 1_000;

    /// <summary>Most characters of a label.</summary>
    [Range(1, 10_000)]
    public int LabelLength { get; set; } = 200;

    /// <summary>
    /// Most requests with large bodies that are answered at once. So many times <see cref="RequestBytes"/> is also the most memory that
    /// bodies take, those that are still coming included.
    /// </summary>
    [Range(1, 100_000)]
    public int ConcurrentRequests { get; set; } = 64;

    /// <summary>The part of these requests, and of that memory, that one key may take.</summary>
    [Range(0.01, 1.0)]
    public double KeyShare { get; set; } = 0.5;

    /// <summary>How long a body may take to come, however steadily it does.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan BodyTime { get; set; } = TimeSpan.FromMinutes(5);
}
