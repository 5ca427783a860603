using System.Diagnostics;
using System.Globalization;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;

namespace LoraRecycle.Bench;

/// <summary>
/// Looks for pictures that cost more than their bytes and pixels say: files that are changed at random are decoded as the service does, and
/// those that took longest for what they are come first. Whatever bounds the time of one is what an attacker would ask of the server.
/// </summary>
internal static class PictureCostBenchmark
{
    // Above what any whole file takes on the slowest machine in use, so that what is left stands out.
    private const double MillisecondsPerMegapixel = 60;
    private const double MillisecondsPerKilobyte = 0.2;
    private const double AnyCase = 3;
    private const int LargestFile = 1 << 20;
    private const int Shown = 10;

    private sealed record Case(string Seed, string Change, int Bytes, double Megapixels, double Milliseconds, string Outcome, byte[] File)
    {
        public double Excess =>
            Milliseconds / (AnyCase + (Megapixels * MillisecondsPerMegapixel) + (Bytes / 1024.0 * MillisecondsPerKilobyte));
    }

    public static int Run(PictureCostOptions options)
    {
        var seeds = Directory.EnumerateFiles(options.Pictures, "*", SearchOption.AllDirectories)
            .Where(file => new FileInfo(file).Length is > 0 and < LargestFile / 4)
            .Order(StringComparer.Ordinal)
            .Select(file => (Name: Path.GetRelativePath(options.Pictures, file), Bytes: File.ReadAllBytes(file)))
            .ToArray();
        var decoder = new ImageDecoder(new ImageDecoderOptions { AllowTiff = true });
        foreach (var seed in seeds)
            _ = Measure(decoder, seed.Name, "none", seed.Bytes); // compiled, and in memory
        var random = new Random(options.Seed);
        var worst = new PriorityQueue<Case, double>();
        var (decoded, slowest) = (0, 0.0);
        for (var i = 0; i < options.Count; i++)
        {
            var seed = seeds[random.Next(seeds.Length)];
            var (file, change) = Change(random, seed.Bytes);
            var one = Measure(decoder, seed.Name, change, file);
            // Other programs take time as well: the least of ten.
            for (var again = 0; again < 9 && one.Excess > 1; again++)
                if (Measure(decoder, seed.Name, change, file) is var second && second.Excess < one.Excess)
                    one = second;
            decoded += one.Outcome == "decoded" ? 1 : 0;
            slowest = Math.Max(slowest, one.Milliseconds);
            worst.Enqueue(one, one.Excess);
            if (worst.Count > Shown)
                worst.Dequeue();
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{options.Count} changes of {seeds.Length} files (seed {options.Seed}): {decoded} decoded; the slowest took {slowest:0} ms"));
        Console.WriteLine("times what it may take | ms | KB | megapixels | outcome | of | change");
        foreach (var one in worst.UnorderedItems.Select(item => item.Element).OrderByDescending(one => one.Excess))
        {
            FormattableString cost = $"{one.Excess:0.0} | {one.Milliseconds:0} | {one.Bytes / 1024.0:0.0} | {one.Megapixels:0.00}";
            Console.WriteLine($"{cost.ToString(CultureInfo.InvariantCulture)} | {one.Outcome} | {one.Seed} | {one.Change}");
            if (options.Out is { } folder)
                File.WriteAllBytes(
                    Path.Combine(Directory.CreateDirectory(folder).FullName, $"{one.Excess:000}-{Path.GetFileName(one.Seed)}"), one.File);
        }
        return 0;
    }

    private static Case Measure(ImageDecoder decoder, string seed, string change, byte[] file)
    {
        var started = Stopwatch.GetTimestamp();
        var (outcome, pixels) = ("decoded", 0L);
        try
        {
            var image = decoder.Decode(file);
            pixels = (long)image.Width * image.Height;
        }
        catch (ImageException refused)
        {
            outcome = refused.Fault.ToString();
        }
        return new Case(seed, change, file.Length, pixels / 1e6, Stopwatch.GetElapsedTime(started).TotalMilliseconds, outcome, file);
    }

    /// <summary>A few bytes changed, numbers made large, or a piece of the file repeated: scans, frames and palettes are pieces.</summary>
    private static (byte[] File, string Change) Change(Random random, byte[] seed)
    {
        var file = seed.ToArray();
        var change = "";
        if (random.Next(2) == 0)
        {
            var start = random.Next(file.Length);
            var length = 1 + random.Next(Math.Min(file.Length - start, 1 << random.Next(1, 15)));
            var times = 1 + random.Next(Math.Max(1, (LargestFile - file.Length) / length));
            var piece = file.AsSpan(start, length).ToArray();
            file = [.. file[..start], .. Enumerable.Repeat(piece, times).SelectMany(bytes => bytes), .. file[start..]];
            change = $"{length} bytes at {start} {times} times; ";
        }
        for (var changes = random.Next(6); changes > 0; changes--)
        {
            // Headers are where sizes and counts are: half of the changes go there.
            var at = random.Next(2) == 0 ? random.Next(file.Length) : random.Next(Math.Min(file.Length, 200));
            file[at] = random.Next(3) switch { 0 => 0xFF, 1 => 0x7F, _ => (byte)random.Next(256) };
            change += $"{file[at]:X2} at {at}; ";
        }
        return (file, change);
    }
}

/// <param name="Pictures">A folder of files to change.</param>
/// <param name="Count">How many changed ones are decoded.</param>
/// <param name="Seed">Of the changes.</param>
/// <param name="Out">Where the ten that cost most are written; null for nowhere.</param>
internal sealed record PictureCostOptions(string Pictures, int Count, int Seed, string? Out)
{
    public static PictureCostOptions Parse(string[] args)
    {
        var values = args.Chunk(2)
            .ToDictionary(
                pair => pair[0],
                pair => pair.Length == 2 ? pair[1] : throw new ArgumentException($"Expected a value after {pair[0]}.")
            );
        return new PictureCostOptions(
            values["--pictures"],
            int.Parse(values.GetValueOrDefault("--count", "20000"), CultureInfo.InvariantCulture),
            int.Parse(values.GetValueOrDefault("--seed", "1"), CultureInfo.InvariantCulture),
            values.GetValueOrDefault("--out"));
    }
}
