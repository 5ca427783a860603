namespace LoraRecycle.Service.Platform.Storage.Locks;

/// <summary>
/// How long something waits for a database that somebody else has locked. What goes on in the background waits long: it has
/// hours of work to lose. A request does not: its client is told to come again.
/// </summary>
internal static class StatePatience
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30), Short = TimeSpan.FromSeconds(2);

    private static readonly AsyncLocal<bool> IsShort = new();

    public static TimeSpan Current => IsShort.Value ? Short : Long;

    /// <summary>The same in whole seconds, as commands of databases count it.</summary>
    public static int Seconds => (int)Current.TotalSeconds;

    /// <summary>From here on, in all that the caller awaits: what is done again soon anyway, or somebody waits for.</summary>
    public static void BeShort() => IsShort.Value = true;

    /// <summary>Requests wait for as short a time as that an answer comes within five seconds, also when they wait twice.</summary>
    public static IApplicationBuilder UseStatePatience(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        BeShort();
        return next(context);
    });
}
