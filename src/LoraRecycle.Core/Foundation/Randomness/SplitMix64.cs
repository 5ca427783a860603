namespace LoraRecycle.Core.Foundation.Randomness;

/// <summary>
/// The SplitMix64 generator (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
/// Episodes, tasks and views are drawn with it because its output is fixed by its definition: the same on every machine
/// and in every release of .NET, which <see cref="Random"/> does not promise.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state = seed;

    /// <summary>The seed of a generator that goes on where this one is.</summary>
    public readonly ulong State => _state;

    /// <summary>One of many streams of a seed: what a step or an image draws depends on its number alone, so there is no state to
    /// save.</summary>
    public static SplitMix64 OfStream(long seed, long stream) => new(Mix((ulong)seed) + Mix((ulong)stream * Step));

    public ulong Next() => Mix(_state += Step);

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

    /// <summary>0 to under 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Of the standard normal distribution (Box and Muller).</summary>
    public double NextGaussian() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>A whole number, both ends included.</summary>
    public int Between(int lowest, int highest) => lowest + (int)(NextDouble() * (highest - lowest + 1));

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

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
