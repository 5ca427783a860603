using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Inversion.Building;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>Where recycling is: one of the two is there, that of the stage under way.</summary>
public sealed record RecyclingProgress(PoolProgress? Inversion, DistillationProgress? Distillation);
