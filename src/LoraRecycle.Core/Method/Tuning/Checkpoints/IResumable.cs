namespace LoraRecycle.Core.Method.Tuning.Checkpoints;

/// <summary>A part of a run of tuning that remembers something from step to step.</summary>
internal interface IResumable
{
    /// <summary>Notes all that the next step depends on.</summary>
    void Save(TuningState state);

    /// <summary>Becomes what was noted, so that the next step is the one that an uninterrupted run would take, to the last bit.</summary>
    void Resume(TuningState state);
}
