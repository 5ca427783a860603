using LoraRecycle.Core.Distillation;
using LoraRecycle.Core.Inversion;

namespace LoraRecycle.Core.Recycling;

/// <summary>Where recycling is: one of the two is there, that of the stage under way.</summary>
public sealed record RecyclingProgress(PoolProgress? Inversion, DistillationProgress? Distillation);
