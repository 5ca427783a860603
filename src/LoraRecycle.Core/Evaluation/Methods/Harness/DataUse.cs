using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Evaluation.Methods.Harness;

/// <summary>What a method uses beside the foundation model and an episode's support prototypes.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<DataUse>))]
public enum DataUse
{
    None = 0,

    /// <summary>Pre-tuned LoRAs, without the data that they were tuned on.</summary>
    Market = 1,

    /// <summary>Something is fitted to every task's support set.</summary>
    SupportTuning = 2,

    /// <summary>Real labelled images of training classes: an upper bound, not a competitor.</summary>
    RealData = 4,
}
