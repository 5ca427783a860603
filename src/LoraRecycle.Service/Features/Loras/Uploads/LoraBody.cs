namespace LoraRecycle.Service.Features.Loras.Uploads;

/// <summary>Marks the endpoint that reads a LoRA's files from its body as a stream, which the document could not tell from its
/// parameters.</summary>
internal sealed class LoraBody;
