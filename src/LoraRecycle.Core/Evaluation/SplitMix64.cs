namespace LoraRecycle.Core.Evaluation;

/// <summary>
/// The SplitMix64 generator (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
/// Episodes are drawn with it because its output is fixed by its definition: the same on every machine and in every
/// release of .NET, which <see cref="Random"/> does not promise.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [0, <paramref name="bound"/>), without modulo bias (Lemire's multiply and reject).</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (uint)bound;
        var threshold = (0u - range) % range;
        ulong product;
        do
            product = (Next() >> 32) * range;
        while ((uint)product < threshold);
        return (int)(product >> 32);
    }

    /// <summary><paramref name="count"/> different numbers of [0, <paramref name="population"/>), in random order.</summary>
    public int[] Choose(int count, int population)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, population);
        var pool = new int[population];
        for (var i = 0; i < population; i++)
            pool[i] = i;
        for (var i = 0; i < count; i++)
        {
            var other = i + Below(population - i);
            (pool[i], pool[other]) = (pool[other], pool[i]);
        }
        return pool[..count];
    }
}
