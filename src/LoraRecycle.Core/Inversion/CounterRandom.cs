namespace LoraRecycle.Core.Inversion;

/// <summary>Random numbers out of a seed and a stream's number alone (SplitMix64), so that there is no state to save.</summary>
internal struct CounterRandom(long seed, long stream)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state = Mix((ulong)seed) + Mix((ulong)stream * Step);

    public ulong NextBits() => Mix(_state += Step);

    /// <summary>0 to under 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Both ends included.</summary>
    public int Next(int lowest, int highest) => lowest + (int)(NextDouble() * (highest - lowest + 1));

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
