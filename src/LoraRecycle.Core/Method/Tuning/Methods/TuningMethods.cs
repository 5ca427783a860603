using LoraRecycle.Core.Method.Tuning.Methods.Forms;
using LoraRecycle.Core.Method.Tuning.Methods.Parts;
using LoraRecycle.Core.Method.Tuning.Methods.Steps;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Method.Tuning.Methods;

/// <summary>The methods by name. The one place that lists them.</summary>
public static class TuningMethods
{
    public const string Plain = "lora";

    /// <summary>In the order of a table.</summary>
    public static IReadOnlyList<TuningMethod> All { get; } =
        [
            new(Plain, "LoRA", "arXiv 2106.09685", "Two thin factors beside each layer.", settings => settings) { AtPlain = same => same },
            LoraGa.Method,
            LoraPro.Efficient,
            LoraPro.Full,
            LoraSb.Method,
            Slora.Method,
            Nlora.Method,
            Nlora.IntermediateTune,
            AlloraRate.Method,
            LoraGgpo.Method,
            Glad.Method,
            CompLora.Method,
            BaLora.Method,
            Sora.Method,
            Kasa.Method,
            Lamda.Method,
            Loldu.Method,
            RandLora.Method,
            BlockLora.Method,
            Lofit.Method,
            DiffoRa.Method,
            Flexora.Method,
            Lisa.Method,
            ContrastiveViews.Method,
        ];

    /// <exception cref="TuningException">There is none of that name.</exception>
    public static TuningMethod Of(string name) =>
        All.FirstOrDefault(method => method.Name == name)
        ?? throw new TuningException($"Expected a method among {string.Join(", ", All.Select(method => method.Name))}; got '{name}'.");
}
