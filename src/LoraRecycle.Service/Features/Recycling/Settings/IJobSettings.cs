namespace LoraRecycle.Service.Features.Recycling.Settings;

/// <summary>Everything that decides the result of a job: <see cref="RecycleSettings"/> or <see cref="TuneSettings"/>.</summary>
internal interface IJobSettings;
