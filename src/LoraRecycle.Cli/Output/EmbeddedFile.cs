namespace LoraRecycle.Cli.Output;

/// <summary>What <c>embed</c> says about one file.</summary>
internal sealed record EmbeddedFile(string File, float[] Embedding);
