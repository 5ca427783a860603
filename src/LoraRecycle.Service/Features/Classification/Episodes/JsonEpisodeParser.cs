using System.Buffers;
using System.Globalization;
using System.Text.Json;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>
/// The JSON form of an episode, parsed as it arrives: each image is decoded when its string is complete, so a request is
/// never in memory as text, and what breaks a limit ends the reading.
/// </summary>
internal sealed class JsonEpisodeParser(EpisodeBuilder episode, RequestMembers members)
{
    private enum Place
    {
        Start, Root, MetaLora, Reject, Embeddings, Name, SupportValue, Support, Class, Label, ImagesValue, Images, QueriesValue, Queries,
        DropClassesValue, DropClasses, DropImagesValue, DropImages, LoraName, Task, Method, HeldOut, OptionsValue, Options, End,
    }

    // Of the request, and of the class that is being read.
    private readonly HashSet<Place> _members = [], _classMembers = [];

    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = 8 });
    private Place _place = Place.Start;
    private int _class = -1;
    private int _query;
    private int _drop;
    private string? _label;
    private List<EpisodeImage> _images = [];
    private CollectedObject? _options;

    /// <summary>The field that is being read, as in <c>support[1].images[0]</c>.</summary>
    public string Field => _place switch
    {
        Place.MetaLora => RequestMemberNames.MetaLora,
        Place.Reject => RequestMemberNames.Reject,
        Place.Embeddings => RequestMemberNames.Embeddings,
        Place.Name => RequestMemberNames.Name,
        Place.DropClassesValue => RequestMemberNames.DropClasses,
        Place.DropClasses => $"{RequestMemberNames.DropClasses}[{_drop}]",
        Place.DropImagesValue => RequestMemberNames.DropImages,
        Place.DropImages => $"{RequestMemberNames.DropImages}[{_drop}]",
        Place.LoraName => RequestMemberNames.Name,
        Place.Task => RequestMemberNames.Task,
        Place.Method => RequestMemberNames.Method,
        Place.HeldOut => RequestMemberNames.HeldOut,
        Place.OptionsValue or Place.Options => RequestMemberNames.Options,
        Place.SupportValue => RequestMemberNames.Support,
        Place.Support => $"support[{_class + 1}]",
        Place.Class => $"support[{_class}]",
        Place.Label => $"support[{_class}].label",
        Place.ImagesValue => $"support[{_class}].images",
        Place.Images => $"support[{_class}].images[{_images.Count}]",
        Place.QueriesValue => RequestMemberNames.Queries,
        Place.Queries => $"queries[{_query}]",
        _ => "",
    };

    /// <summary>Whether the next token is an image, or the end of an array of them.</summary>
    public bool IsInImage => _place is Place.Images or Place.Queries;

    /// <summary>Takes all whole tokens of the buffer.</summary>
    /// <returns>Where the first token begins that is not whole yet.</returns>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A string in it is not text.</exception>
    /// <exception cref="ProblemException">It is, but not an episode.</exception>
    public SequencePosition Parse(ReadOnlySequence<byte> buffer, bool isFinal)
    {
        var reader = new Utf8JsonReader(buffer, isFinal, _state);
        while (reader.Read())
            _place = Take(ref reader);
        _state = reader.CurrentState;
        return reader.Position;
    }

    private Place Take(ref Utf8JsonReader reader) =>
        (_place, reader.TokenType) switch
        {
            (Place.Start, JsonTokenType.StartObject) => Place.Root,
            (Place.Root, JsonTokenType.PropertyName) => RootMember(ref reader),
            (Place.Root, JsonTokenType.EndObject) => Place.End,
            (Place.MetaLora, JsonTokenType.String) => TakeMetaLora(reader.GetString()!),
            (Place.MetaLora, JsonTokenType.Null) => Place.Root,
            (Place.Reject, JsonTokenType.Number) => TakeReject(
                reader.TryGetDouble(out var target) ? RejectTarget.Checked(target) : RejectTarget.Checked(0)
            ),
            (Place.Reject, JsonTokenType.Null) => TakeReject(null),
            (Place.Embeddings, JsonTokenType.True or JsonTokenType.False) => TakeEmbeddings(reader.GetBoolean()),
            (Place.Embeddings, JsonTokenType.Null) => TakeEmbeddings(false),
            (Place.Name, JsonTokenType.String) => TakeName(TaskName.Checked(reader.GetString()!)),
            (Place.Name, JsonTokenType.Null) => TakeName(null),
            (Place.LoraName or Place.Task or Place.Method, JsonTokenType.String) => TakeTuning(reader.GetString()!),
            (Place.HeldOut, JsonTokenType.Number) when reader.TryGetDouble(out var share) => TakeTuning(
                share.ToString("R", CultureInfo.InvariantCulture)
            ),
            (Place.LoraName or Place.Task or Place.Method or Place.HeldOut or Place.OptionsValue, JsonTokenType.Null) => Place.Root,
            (Place.OptionsValue, JsonTokenType.StartObject) => TakeOptions(ref reader),
            (Place.Options, _) => TakeOptions(ref reader),
            (Place.DropClassesValue, JsonTokenType.StartArray) => BeginDrops(Place.DropClasses),
            (Place.DropClasses, JsonTokenType.String) => TakeDropClass(reader.GetString()!),
            (Place.DropImagesValue, JsonTokenType.StartArray) => BeginDrops(Place.DropImages),
            (Place.DropImages, JsonTokenType.Number) when reader.TryGetInt64(out var image) => TakeDropImage(image),
            (Place.DropClasses or Place.DropImages, JsonTokenType.EndArray) => Place.Root,
            (Place.SupportValue, JsonTokenType.StartArray) => Place.Support,
            (Place.Support, JsonTokenType.StartObject) => BeginClass(),
            (Place.Support, JsonTokenType.EndArray) => Place.Root,
            (Place.Class, JsonTokenType.PropertyName) => ClassMember(ref reader),
            (Place.Class, JsonTokenType.EndObject) => EndClass(),
            (Place.Label, JsonTokenType.String) => TakeLabel(reader.GetString()!),
            (Place.ImagesValue, JsonTokenType.StartArray) => Place.Images,
            (Place.Images, JsonTokenType.String) => TakeSupportImage(ref reader),
            (Place.Images, JsonTokenType.EndArray) => Place.Class,
            (Place.QueriesValue, JsonTokenType.StartArray) => Place.Queries,
            (Place.Queries, JsonTokenType.String) => TakeQuery(ref reader),
            (Place.Queries, JsonTokenType.EndArray) => Place.Root,
            _ => throw WrongType(reader.TokenType),
        };

    private Place RootMember(ref Utf8JsonReader reader)
    {
        var place = Place.End;
        if (reader.ValueTextEquals("support"u8))
            place = Allowed(RequestMembers.Support, Place.SupportValue);
        else if (reader.ValueTextEquals("queries"u8))
            place = Allowed(RequestMembers.Queries, Place.QueriesValue);
        else if (reader.ValueTextEquals("metaLora"u8))
            place = Allowed(RequestMembers.MetaLora, Place.MetaLora);
        else if (reader.ValueTextEquals("reject"u8))
            place = Allowed(RequestMembers.Reject, Place.Reject);
        else if (reader.ValueTextEquals("embeddings"u8))
            place = Allowed(RequestMembers.Embeddings, Place.Embeddings);
        else if (members.HasFlag(RequestMembers.Name) && reader.ValueTextEquals("name"u8))
            place = Place.Name;
        else if (members.HasFlag(RequestMembers.Tuning) && TuningPlace(ref reader) is { } told)
            place = told;
        else if (reader.ValueTextEquals("dropClasses"u8))
            place = Allowed(RequestMembers.Drops, Place.DropClassesValue);
        else if (reader.ValueTextEquals("dropImages"u8))
            place = Allowed(RequestMembers.Drops, Place.DropImagesValue);
        return place != Place.End
            ? Once(_members, place, "", ref reader)
            : throw new ProblemException(
                Problems.UnknownField,
                $"Expected {members.Listed()} (names are case-sensitive); found another field.",
                Shortened(reader.GetString()!)
            );
    }

    /// <summary>Of a name that comes twice, readers of JSON disagree which counts; here neither may, without a word.</summary>
    private static Place Once(HashSet<Place> seen, Place place, string before, ref Utf8JsonReader reader) =>
        seen.Add(place)
            ? place
            : throw new ProblemException(
                Problems.MalformedJson,
                "Expected each name once in its object; this one occurs twice. Give a field all of its values in one array.",
                before + reader.GetString()
            );

    private Place Allowed(RequestMembers member, Place place) => members.HasFlag(member) ? place : Place.End;

    private Place ClassMember(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("label"u8) ? Once(_classMembers, Place.Label, $"support[{_class}].", ref reader)
        : reader.ValueTextEquals("images"u8) ? Once(_classMembers, Place.ImagesValue, $"support[{_class}].", ref reader)
        : throw new ProblemException(
            Problems.UnknownField,
            "Expected label and images (names are case-sensitive); found another field.",
            $"support[{_class}].{Shortened(reader.GetString()!)}"
        );

    private Place TakeMetaLora(string id)
    {
        episode.MetaLora = id;
        return Place.Root;
    }

    private Place TakeReject(double? target)
    {
        episode.Reject = (true, target);
        return Place.Root;
    }

    private Place TakeEmbeddings(bool wanted)
    {
        episode.Embeddings = wanted;
        return Place.Root;
    }

    private Place TakeName(string? name)
    {
        episode.Name = (true, name);
        return Place.Root;
    }

    private Place BeginDrops(Place place)
    {
        _drop = 0;
        return place;
    }

    private static Place? TuningPlace(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("name"u8) ? Place.LoraName
        : reader.ValueTextEquals("task"u8) ? Place.Task
        : reader.ValueTextEquals("method"u8) ? Place.Method
        : reader.ValueTextEquals("heldOut"u8) ? Place.HeldOut
        : reader.ValueTextEquals("options"u8) ? Place.OptionsValue
        : null;

    private Place TakeTuning(string text)
    {
        episode.Tuning[Field] = text;
        return Place.Root;
    }

    private Place TakeOptions(ref Utf8JsonReader reader)
    {
        _options ??= new CollectedObject(Field);
        if (_options.Take(ref reader) is not { } text)
            return Place.Options;
        _options.Dispose();
        return TakeTuning(text);
    }

    private Place TakeDropClass(string label)
    {
        episode.AddDropClass(label, Field);
        _drop++;
        return Place.DropClasses;
    }

    private Place TakeDropImage(long image)
    {
        episode.AddDropImage(image, Field);
        _drop++;
        return Place.DropImages;
    }

    private Place BeginClass()
    {
        _class++;
        _classMembers.Clear();
        _label = null;
        _images = [];
        return Place.Class;
    }

    private Place TakeLabel(string label)
    {
        episode.CheckLabel(label, Field);
        _label = label;
        return Place.Class;
    }

    private Place TakeSupportImage(ref Utf8JsonReader reader)
    {
        var field = Field;
        _images.Add(episode.Image(EncodedImageText.Decode(ref reader, field), field));
        return Place.Images;
    }

    private Place EndClass()
    {
        episode.CheckLabel(_label, $"support[{_class}].label");
        episode.AddSupport(_label!, _images, $"support[{_class}].images");
        return Place.Support;
    }

    private Place TakeQuery(ref Utf8JsonReader reader)
    {
        var field = Field;
        episode.AddQuery(episode.Image(EncodedImageText.Decode(ref reader, field), field));
        _query++;
        return Place.Queries;
    }

    private static string Shortened(string name) => name.Length <= 64 ? name : string.Concat(name.AsSpan(0, 64), "...");

    private ProblemException WrongType(JsonTokenType came) => new(
        Problems.WrongType,
        $"Expected {Expected(_place)}; found {Name(came)}.",
        Field.Length == 0 ? null : Field);

    private string Expected(Place place) => place switch
    {
        Place.Start => $"an object with {members.Listed()}",
        Place.Reject => "a number, or null to reject none",
        Place.Embeddings => "true or false",
        Place.Name => "a string, or null for none",
        Place.DropClassesValue or Place.DropImagesValue => "an array",
        Place.DropClasses => "the label of a class, a string",
        Place.DropImages => "the id of an image, a whole number",
        Place.MetaLora => "the id of a meta-LoRA, a string",
        Place.LoraName => "the name of the LoRA, a string",
        Place.Task => "the id of a stored task, a string",
        Place.Method => "the name of a method, a string",
        Place.HeldOut => "a share of each class's images, a number",
        Place.OptionsValue => "an object with settings",
        Place.SupportValue => "an array of classes",
        Place.Support => "a class, an object with label and images",
        Place.Label => "a string",
        Place.ImagesValue or Place.QueriesValue => "an array of images",
        _ => "an image, a string of base64",
    };

    private static string Name(JsonTokenType type) => type switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };
}
