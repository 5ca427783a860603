using System.Security.Cryptography;
using System.Text;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>What the first stage leaves to the second: LoRAs, and the pools of those that did not diverge. Owns the adapters.</summary>
internal sealed class InvertedLoras(IReadOnlyList<InversionSource> sources, IReadOnlyList<PoolResult> pools, InversionStage stage)
    : IDisposable
{
    public InversionStage Stage => stage;

    /// <summary>Each with its pool's directory.</summary>
    public IEnumerable<(InversionSource Lora, string Pool)> Kept =>
        sources.Zip(pools).Where(pair => pair.Second.Directory is not null).Select(pair => (pair.First, pair.Second.Directory!));

    public IReadOnlyList<RecycledLora> Records =>
        [
            .. sources.Zip(
                pools,
                (source, pool) => new RecycledLora(source.Name, source.Adapter.Revision, source.Classes, pool.BestLoss, pool.Failure)
            ),
        ];

    /// <summary>SHA-256, in hex, over the LoRAs' names and revisions.</summary>
    public string Revision => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Join('\n', sources.Select(source => $"{source.Name} {source.Adapter.Revision}")))));

    public void Dispose()
    {
        foreach (var source in sources) source.Adapter.Dispose();
    }
}
