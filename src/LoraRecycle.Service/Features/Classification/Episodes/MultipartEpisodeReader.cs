using System.Globalization;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>
/// Reads an episode, or a part of one, from a <c>multipart/form-data</c> body: file parts <c>support[label]</c> and
/// <c>query</c>, and fields. <c>dropClasses</c> and <c>dropImages</c> come once for each class and image.
/// </summary>
internal static class MultipartEpisodeReader
{
    private const int MaxText = 1024;

    public static async Task<EpisodeBuilder> ReadAsync(
        Stream body, MediaTypeHeaderValue contentType, RequestMembers members, LimitsOptions limits, CancellationToken cancellation)
    {
        var form = new MultipartEpisode(limits, members);
        await MultipartForm.ReadAsync(
            body,
            contentType,
            (part, content) => ReadPartAsync(MultipartEpisode.NameOf(part), content, form, members, limits, cancellation),
            cancellation
        );
        return form.Build();
    }

    private static async Task ReadPartAsync(
        string name, Stream content, MultipartEpisode form, RequestMembers members, LimitsOptions limits, CancellationToken cancellation)
    {
        switch (name)
        {
            case RequestMemberNames.MetaLora when members.HasFlag(RequestMembers.MetaLora):
                form.Episode.MetaLora =
                    await TextAsync()
                    ?? throw new ProblemException(
                        Problems.UnknownMetaLora,
                        $"Expected an id of at most {MaxText} bytes; found more.",
                        name
                    );
                break;
            case RequestMemberNames.Reject when members.HasFlag(RequestMembers.Reject):
                // An empty field is how a form says none.
                form.Episode.Reject = (true, await TextAsync() is not "" and var target ? RejectTarget.Parse(target ?? "") : null);
                break;
            case RequestMemberNames.Embeddings when members.HasFlag(RequestMembers.Embeddings):
                form.Episode.Embeddings = await TextAsync() switch
                {
                    "true" => true,
                    "false" or "" => false,
                    _ => throw new ProblemException(Problems.WrongType, "Expected true or false.", name),
                };
                break;
            case RequestMemberNames.Name when members.HasFlag(RequestMembers.Name):
                form.Episode.Name = (true, await TextAsync() is not "" and var text ? TaskName.Checked(text ?? "") : null);
                break;
            case var told when members.HasFlag(RequestMembers.Tuning) && RequestMemberNames.OfTuning.Contains(told):
                // An empty field is how a form says none.
                var given = await TextAsync() ?? throw new ProblemException(Problems.WrongType, "Expected a shorter text.", name);
                if (given.Length > 0)
                    form.Episode.Tuning[name] = given;
                break;
            case RequestMemberNames.DropClasses when members.HasFlag(RequestMembers.Drops):
                form.Episode.AddDropClass(
                    await TextAsync()
                        ?? throw new ProblemException(
                            Problems.LabelTooLong,
                            $"Expected at most {limits.LabelLength} characters; found more.",
                            name
                        ),
                    name
                );
                break;
            case RequestMemberNames.DropImages when members.HasFlag(RequestMembers.Drops):
                form.Episode.AddDropImage(
                    long.TryParse(await TextAsync(), NumberStyles.None, CultureInfo.InvariantCulture, out var image) ? image
                        : throw new ProblemException(Problems.WrongType, "Expected the id of an image, a whole number.", name), name);
                break;
            default:
                var field = form.Expect(name);
                form.Add(name, await PartContent.ReadAsync(content, limits.ImageBytes, cancellation)
                    ?? throw EpisodeBuilder.ImageFileTooLarge(limits, field));
                break;
        }

        async Task<string?> TextAsync()
        {
            if (name is not (RequestMemberNames.DropClasses or RequestMemberNames.DropImages))
                form.ExpectOnce(name);
            var most = name == RequestMemberNames.Options ? CollectedObject.MaxLength : Math.Max(MaxText, 4L * limits.LabelLength);
            return await PartContent.ReadAsync(content, most, cancellation) is { } bytes
                ? PartContent.Text(bytes)
                    ?? throw new ProblemException(Problems.MalformedMultipart, "Expected text in UTF-8; found another encoding.", name)
                : null;
        }
    }
}
