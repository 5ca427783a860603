using System.Globalization;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Features.Tuning.Requests;

/// <summary>What a request asks for, all of it checked but for the images.</summary>
/// <param name="Episode">The images that were sent, if any were.</param>
/// <param name="Task">The id of a stored task; null where images were sent.</param>
/// <param name="Name">What the LoRA shall be called; null for no wish.</param>
/// <param name="Settings">How it is tuned.</param>
/// <param name="HeldOut">The share of each class's images to keep from tuning.</param>
internal sealed record ReadTuneRequest(EpisodeBuilder Episode, string? Task, string? Name, TuningSettings Settings, double HeldOut);

/// <summary>Reads and checks the body of a request for a LoRA to be tuned, in either form.</summary>
internal sealed class TuneRequestReader(EpisodeReader episodes, TuneOptions tuning, IOptions<LoraOptions> loras)
{
    private const double UsualHeldOut = 0.2;

    /// <exception cref="ProblemException">It is no request that can be met.</exception>
    public async Task<ReadTuneRequest> ReadAsync(HttpRequest request)
    {
        var episode = await episodes.ReadAsync(request, RequestMembers.NewLora);
        var given = episode.Tuning;
        var task = given.GetValueOrDefault(RequestMemberNames.Task);
        if (task is not null && episode.Support().Images.Count > 0)
            throw new ProblemException(
                RecycleProblems.InvalidSetting, "Expected support images or a stored task; found both.", RequestMemberNames.Task);
        return new ReadTuneRequest(
            episode,
            task,
            NameOf(given.GetValueOrDefault(RequestMemberNames.Name)),
            tuning.On(
                MethodOf(given.GetValueOrDefault(RequestMemberNames.Method)), given.GetValueOrDefault(RequestMemberNames.Options)),
            HeldOutOf(given.GetValueOrDefault(RequestMemberNames.HeldOut)));
    }

    private static TuningMethod MethodOf(string? name) =>
        TuningMethods.All.FirstOrDefault(method => method.Name == (name ?? TuningMethods.Plain))
        ?? throw new ProblemException(
            TuneProblems.UnknownMethod,
            $"Expected one of {string.Join(", ", TuningMethods.All.Select(method => method.Name))}; GET /tune/methods says what each does.",
            RequestMemberNames.Method
        );

    private static double HeldOutOf(string? text) =>
        text is null ? UsualHeldOut
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and < 1 ? share
        : throw new ProblemException(
            RecycleProblems.InvalidSetting, "Expected a share of at least 0 and less than 1, such as 0.2.", RequestMemberNames.HeldOut);

    private string? NameOf(string? text)
    {
        if (text is null)
            return null;
        var most = loras.Value.NameLength;
        return text.Trim() is { Length: > 0 } name && name.Length <= most && ShownText.IsShown(name) ? name : throw new ProblemException(
            LoraProblems.InvalidName,
            $"Expected a name of 1 to {most} printable characters; leave the field out for a name of the job's.",
            RequestMemberNames.Name
        );
    }
}
