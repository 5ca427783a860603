using LoraRecycle.Service.Platform.Http.Bodies;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>What people call a task.</summary>
internal static class TaskName
{
    public static readonly ProblemKind Invalid = new("invalid-task-name", 422, "The name of the task is not valid.");

    public const int MaxLength = 100;

    /// <exception cref="ProblemException">It is empty, too long, or cannot be shown.</exception>
    public static string Checked(string text)
    {
        var name = text.Trim();
        return name.Length is > 0 and <= MaxLength && ShownText.IsShown(name) ? name : throw new ProblemException(
            Invalid, $"Expected a name of 1 to {MaxLength} printable characters; leave the name out for none.", RequestMemberNames.Name);
    }
}
