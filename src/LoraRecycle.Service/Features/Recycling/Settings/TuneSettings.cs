using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Service.Features.Recycling.Settings;

/// <summary>Everything that decides a job of tuning, as it was when the job was accepted; its images lie in its folder.</summary>
/// <param name="Name">What the LoRA will be called.</param>
/// <param name="Tuning">How it is tuned.</param>
/// <param name="HeldOut">The share of each class's images that is kept from tuning.</param>
/// <param name="Classes">The classes in the order of the head; the images of the first come first.</param>
/// <param name="Task">The id of the stored task that the images were taken from; null where they were sent.</param>
internal sealed record TuneSettings(
    string Name, TuningSettings Tuning, double HeldOut, IReadOnlyList<TunedClass> Classes, string? Task) : IJobSettings;

/// <summary>A class that a LoRA is tuned on.</summary>
/// <param name="Label">Its label.</param>
/// <param name="Images">How many images it has, those that are held out included.</param>
public sealed record TunedClass(string Label, int Images);
