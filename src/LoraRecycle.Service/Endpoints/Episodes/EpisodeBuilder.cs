using LoraRecycle.Service.Configuration;
using LoraRecycle.Service.Errors;
using LoraRecycle.Service.MetaLoras;

namespace LoraRecycle.Service.Endpoints.Episodes;

/// <summary>Collects an episode while its request is read, and refuses at once what would break a limit or a rule.</summary>
/// <remarks>A label that comes twice is one class with the images of both, as parts of a form with the same name are.</remarks>
/// <param name="limits">How much is accepted.</param>
/// <param name="queryField">What the request calls its queries; named when there is none.</param>
internal sealed class EpisodeBuilder(LimitsOptions limits, string queryField)
{
    private readonly OrderedDictionary<string, List<EpisodeImage>> _classes = new(StringComparer.Ordinal);
    private readonly List<EpisodeImage> _queries = [];
    private int _images;

    /// <summary>The adapter that is asked for.</summary>
    public string MetaLora { get; set; } = MetaLoraNames.Default;

    /// <summary>Counts an image and checks its size.</summary>
    public EpisodeImage Image(byte[] encoded, string field)
    {
        if (++_images > limits.ImagesPerRequest)
            throw new ProblemException(Problems.TooManyImages, $"Expected at most {limits.ImagesPerRequest} images, support and queries together; more came. Ask in several requests.", field);
        if (encoded.Length == 0)
            throw new ProblemException(Problems.EmptyImage, "Expected the bytes of an image; none came.", field);
        if (encoded.Length > limits.ImageBytes)
            throw ImageFileTooLarge(limits, field);
        return new EpisodeImage(encoded, field);
    }

    public static ProblemException ImageFileTooLarge(LimitsOptions limits, string field) =>
        new(Problems.ImageFileTooLarge, $"Expected at most {limits.ImageBytes} bytes an image; more came. Send a smaller or more compressed one.", field);

    public void CheckLabel(string? label, string field)
    {
        if (string.IsNullOrWhiteSpace(label))
            throw new ProblemException(Problems.EmptyLabel, "Expected the name of a class; it is missing, empty or blank.", field);
        if (label.Length > limits.LabelLength)
            throw new ProblemException(Problems.LabelTooLong, $"Expected at most {limits.LabelLength} characters; {label.Length} came.", field);
    }

    /// <summary>Adds images to the class of a label that <see cref="CheckLabel"/> passed.</summary>
    public void AddSupport(string label, IReadOnlyList<EpisodeImage> images, string field)
    {
        if (images.Count == 0)
            throw new ProblemException(Problems.NoImages, "Expected at least one image for each class; none came.", field);
        if (_classes.TryGetValue(label, out var known))
        {
            known.AddRange(images);
            return;
        }
        if (_classes.Count == limits.Ways)
            throw new ProblemException(Problems.TooManyClasses, $"Expected at most {limits.Ways} classes; more came.", field);
        _classes.Add(label, [.. images]);
    }

    public void AddQuery(EpisodeImage image) => _queries.Add(image);

    /// <summary>The episode, once all of the request is read.</summary>
    public Episode Build()
    {
        if (_classes.Count < 2)
            throw new ProblemException(Problems.TooFewClasses, $"Expected at least 2 classes with different labels to choose from; {_classes.Count} came.", "support");
        if (_queries.Count == 0)
            throw new ProblemException(Problems.NoQuery, "Expected at least one image to classify; none came.", queryField);
        return new Episode(
            [.. _classes.Select(pair => new EpisodeClass(pair.Key, pair.Value.Count))],
            [.. _classes.Values.SelectMany(images => images), .. _queries],
            _queries.Count,
            MetaLora);
    }
}
