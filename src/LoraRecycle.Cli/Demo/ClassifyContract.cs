using System.Text.Json.Serialization;

namespace LoraRecycle.Cli.Demo;

/// <summary>The body of <c>POST /classify</c>, as a client of the service sees it.</summary>
internal sealed record ClassifyRequest(IReadOnlyList<SupportImages> Support, IReadOnlyList<string> Queries, string MetaLora);

internal sealed record SupportImages(string Label, IReadOnlyList<string> Images);

/// <summary>The part of the answer that the demo shows.</summary>
internal sealed record ClassifyAnswer(IReadOnlyList<AnsweredQuery> Predictions, AnsweringModel Model, AnswerTiming Timing);

internal sealed record AnsweredQuery(int Query, string Label, double Probability);

internal sealed record AnsweringModel(string Vfm, string MetaLora, string? MetaLoraRevision);

internal sealed record AnswerTiming(double DecodeMs, double EmbedMs, double TotalMs);

/// <summary>What the service says when it refuses (RFC 9457).</summary>
internal sealed record Problem(string? Title, string? Detail, string? Code);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ClassifyRequest))]
[JsonSerializable(typeof(ClassifyAnswer))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class ClassifyJson : JsonSerializerContext;
