using System.Globalization;
using LoraRecycle.Core.Safetensors;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Checkpoints;

/// <summary>What the parts of a run remember between two steps, by name.</summary>
internal sealed class TuningState
{
    private const string FingerprintKey = "fingerprint", StepKey = "step";

    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _numbers = new(StringComparer.Ordinal);

    public TuningState(int step) => Step = step;

    /// <summary>Steps done.</summary>
    public int Step { get; }

    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <param name="name">Not noted before.</param>
    /// <param name="value">Stays the caller's, and as it is until this is written.</param>
    public void Put(string name, Tensor value) => _tensors.Add(name, value);

    /// <param name="name">Not noted before.</param>
    /// <param name="value">Any.</param>
    public void Put(string name, ulong value) => _numbers.Add(name, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>In host memory; for the dispose scope in which this was read.</summary>
    public Tensor Tensor(string name) => _tensors[name];

    public ulong Number(string name) => ulong.Parse(_numbers[name], CultureInfo.InvariantCulture);

    /// <param name="path">The file; replaced as a whole or not at all.</param>
    /// <param name="fingerprint">What the run is.</param>
    public void Write(string path, string fingerprint) =>
        SafetensorsWriter.Write(
            path,
            _tensors.Select(one => (one.Key, one.Value)),
            new Dictionary<string, string>(_numbers, StringComparer.Ordinal)
            {
                [FingerprintKey] = fingerprint,
                [StepKey] = Step.ToString(CultureInfo.InvariantCulture),
            });

    /// <returns>What was written, its tensors for the caller's dispose scope; null where there is nothing of this run.</returns>
    /// <exception cref="SafetensorsException">The file is damaged.</exception>
    public static TuningState? Read(string path, string fingerprint)
    {
        if (!File.Exists(path)) return null;
        using var file = SafetensorsFile.Open(path);
        if (file.Metadata.GetValueOrDefault(FingerprintKey) != fingerprint) return null;
        var state = new TuningState(int.Parse(file.Metadata[StepKey], CultureInfo.InvariantCulture));
        foreach (var name in file.Entries.Keys) state._tensors.Add(name, file.Read(name));
        foreach (var (name, number) in file.Metadata) state._numbers.Add(name, number);
        return state;
    }
}
