namespace LoraRecycle.Core.Method.Recycling;

/// <summary>A LoRA and the images that were made of it.</summary>
/// <param name="Lora">The LoRA's directory or file.</param>
/// <param name="Pool">Its pool's directory.</param>
public sealed record PooledLora(string Lora, string Pool);
