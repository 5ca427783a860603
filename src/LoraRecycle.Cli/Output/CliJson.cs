using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using LoraRecycle.Cli.Benchmarks;
using LoraRecycle.Cli.Demo;
using LoraRecycle.Core.Evaluation.Methods;
using LoraRecycle.Core.Evaluation.Reports;
using LoraRecycle.Core.Evaluation.Tuners;
using LoraRecycle.Core.Evaluation.Verification;
using LoraRecycle.Core.Markets;

namespace LoraRecycle.Cli.Output;

/// <summary>The documents that <c>--json</c> writes: camelCase, indented, numbers in full.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(ComparisonReport))]
[JsonSerializable(typeof(RejectionReport))]
[JsonSerializable(typeof(ClassifiedFile[]))]
[JsonSerializable(typeof(EmbeddedFile[]))]
[JsonSerializable(typeof(VerifiedOutput[]))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(InversionReport))]
[JsonSerializable(typeof(DistillationReport))]
[JsonSerializable(typeof(MergeReport))]
[JsonSerializable(typeof(ConversionReport))]
[JsonSerializable(typeof(InspectionReport))]
[JsonSerializable(typeof(LoraRecord))]
[JsonSerializable(typeof(LoraRecord[]))]
[JsonSerializable(typeof(MarketReport))]
[JsonSerializable(typeof(TunerReport))]
[JsonSerializable(typeof(TrimReport))]
[JsonSerializable(typeof(CheckedLora[]))]
[JsonSerializable(typeof(ListedKey))]
[JsonSerializable(typeof(ListedKey[]))]
[JsonSerializable(typeof(ShownKey))]
[JsonSerializable(typeof(PullReport))]
internal sealed partial class CliJson : JsonSerializerContext
{
    public static void Write<T>(TextWriter output, T document, JsonTypeInfo<T> type) =>
        output.WriteLine(JsonSerializer.Serialize(document, type));
}
