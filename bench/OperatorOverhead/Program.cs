using System.Diagnostics;
using System.Globalization;
using static TorchSharp.torch;

// Times one addition of two one-element tensors, as native/overhead.cpp does in C++.
const int Calls = 100_000;
const int Batches = 20;

set_num_threads(1);
using var left = ones([1]);
using var right = ones([1]);

// The first round is for the just-in-time compiler.
foreach (var report in new[] { false, true })
{
    var disposed = Measure(() => left.add(right).Dispose());
    using var scope = NewDisposeScope();
    var made = 0;
    var scoped = Measure(() =>
    {
        left.add(right);
        // As many as one layer of a model makes.
        if (++made % 50 == 0) scope.DisposeEverything();
    });
    var inPlace = Measure(() => left.add_(right));
    if (report) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{disposed:F0} {scoped:F0} {inPlace:F0}"));
}

// Nanoseconds a call: the fastest batch, so that what else the machine does does not count.
static double Measure(Action body)
{
    var times = new double[Batches];
    foreach (ref var time in times.AsSpan())
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Calls; i++) body();
        time = Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls;
    }
    Array.Sort(times);
    return times[0];
}
