namespace LoraRecycle.Service.Features.Recycling.Jobs;

/// <summary>What a job makes.</summary>
internal enum JobKind
{
    /// <summary>A meta-LoRA of LoRAs.</summary>
    Recycle,

    /// <summary>A LoRA of labelled images.</summary>
    Tune,
}

internal static class JobKinds
{
    /// <summary>Where a client finds jobs of the kind.</summary>
    public static string Path(this JobKind kind) => kind == JobKind.Tune ? "/tune" : "/recycle";
}
