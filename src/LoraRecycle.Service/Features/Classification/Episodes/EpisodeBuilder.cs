using System.Diagnostics.CodeAnalysis;
using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>Collects an episode, or a part of one, while its request is read, and refuses at once what would break a limit or a
/// rule.</summary>
/// <remarks>A label that comes twice is one class with the images of both, as parts of a form with the same name are.</remarks>
/// <param name="limits">How much is accepted.</param>
/// <param name="queryField">What the request calls its queries; named when there is none.</param>
internal sealed class EpisodeBuilder(LimitsOptions limits, string queryField)
{
    private readonly OrderedDictionary<string, List<EpisodeImage>> _classes = new(StringComparer.Ordinal);
    private readonly List<EpisodeImage> _queries = [];
    private readonly HashSet<string> _dropClasses = new(StringComparer.Ordinal);
    private readonly HashSet<long> _dropImages = [];
    private int _images;

    /// <summary>The adapter that is asked for.</summary>
    public string MetaLora { get; set; } = MetaLoraNames.Default;

    /// <summary>Whether rejection is spoken of, and the share of known queries that may be rejected; null for no rejection.</summary>
    public (bool IsGiven, double? Target) Reject { get; set; }

    /// <summary>Whether the answer is to have the embeddings.</summary>
    public bool Embeddings { get; set; }

    /// <summary>Whether a name is spoken of, and the name; null for none.</summary>
    public (bool IsGiven, string? Value) Name { get; set; }

    /// <summary>What the request says of a LoRA to tune, by member: as it came, an object as its JSON. What is absent or null is not there.
    /// </summary>
    public Dictionary<string, string> Tuning { get; } = new(StringComparer.Ordinal);

    public IReadOnlySet<string> DropClasses => _dropClasses;

    public IReadOnlySet<long> DropImages => _dropImages;

    /// <summary>Counts an image and checks its size.</summary>
    public EpisodeImage Image(byte[] encoded, string field)
    {
        if (++_images > limits.ImagesPerRequest)
            throw new ProblemException(
                Problems.TooManyImages,
                $"Expected at most {limits.ImagesPerRequest} images, support and queries together; found more. Split them over "
                    + "several requests.",
                field
            );
        if (encoded.Length == 0)
            throw new ProblemException(Problems.EmptyImage, "Expected the bytes of an image; found none.", field);
        if (encoded.Length > limits.ImageBytes)
            throw ImageFileTooLarge(limits, field);
        return new EpisodeImage(encoded, field);
    }

    public static ProblemException ImageFileTooLarge(LimitsOptions limits, string field) =>
        new(
            Problems.ImageFileTooLarge,
            $"Expected at most {limits.ImageBytes} bytes per image; found more. Send a smaller image, or compress it more.",
            field
        );

    /// <summary>Whether a label may be given to a class.</summary>
    public void CheckLabel(string? label, string field)
    {
        CheckExistingLabel(label, field);
        if (ShownText.FirstHidden(label) is { } hidden)
            throw new ProblemException(
                Problems.InvalidLabel,
                $"Expected characters that can be shown; the label has {hidden}. Remove it.",
                field
            );
    }

    /// <summary>Whether a label may be one that a class has got, also before the rule of what can be shown.</summary>
    private void CheckExistingLabel([NotNull] string? label, string field)
    {
        if (string.IsNullOrWhiteSpace(label))
            throw new ProblemException(Problems.EmptyLabel, "Expected the name of a class; the label is missing, empty or blank.", field);
        if (label.Length > limits.LabelLength)
            throw new ProblemException(
                Problems.LabelTooLong,
                $"Expected at most {limits.LabelLength} characters; found {label.Length}.",
                field
            );
    }

    /// <summary>Adds images to the class of a label that <see cref="CheckLabel"/> passed.</summary>
    public void AddSupport(string label, IReadOnlyList<EpisodeImage> images, string field)
    {
        if (images.Count == 0)
            throw new ProblemException(Problems.NoImages, "Expected at least one image for each class; found none.", field);
        if (_classes.TryGetValue(label, out var known))
        {
            known.AddRange(images);
            return;
        }
        if (_classes.Count == limits.Ways)
            throw TooManyClasses(limits.Ways, field);
        _classes.Add(label, [.. images]);
    }

    public static ProblemException TooManyClasses(int most, string field) =>
        new(Problems.TooManyClasses, $"Expected at most {most} classes; found more.", field);

    public void AddQuery(EpisodeImage image) => _queries.Add(image);

    public void AddDropClass(string label, string field)
    {
        CheckExistingLabel(label, field);
        if (_dropClasses.Add(label) && _dropClasses.Count > limits.Ways)
            throw TooManyClasses(limits.Ways, field);
    }

    public void AddDropImage(long image, string field)
    {
        if (_dropImages.Add(image) && _dropImages.Count > limits.ImagesPerRequest)
            throw new ProblemException(Problems.TooManyImages, $"Expected at most {limits.ImagesPerRequest} images; found more.", field);
    }

    /// <summary>The support images alone; there may be none.</summary>
    public EpisodeSupport Support() => new(
        [.. _classes.Select(pair => new RequestedClass(pair.Key, pair.Value.Count))], [.. _classes.Values.SelectMany(images => images)]);

    /// <summary>The queries alone.</summary>
    /// <exception cref="ProblemException">There is none.</exception>
    public IReadOnlyList<EpisodeImage> Queries() => _queries.Count > 0 ? _queries
        : throw new ProblemException(Problems.NoQuery, "Expected at least one image to classify; found none.", queryField);

    /// <summary>Refuses classes that there is nothing to choose from.</summary>
    public static void RequireSeveral(int classes, string field)
    {
        if (classes < 2)
            throw new ProblemException(
                Problems.TooFewClasses,
                $"Expected at least 2 classes with different labels; found {classes}.",
                field
            );
    }

    /// <summary>The episode, once all of the request is read.</summary>
    public RequestedEpisode Build()
    {
        RequireSeveral(_classes.Count, RequestMemberNames.Support);
        var (support, queries) = (Support(), Queries());
        return new RequestedEpisode(support.Classes, [.. support.Images, .. queries], queries.Count, MetaLora, Reject.Target, Embeddings);
    }
}
