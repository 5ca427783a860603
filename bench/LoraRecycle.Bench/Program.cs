using LoraRecycle.Bench;

// A contestant of bench/forward.py: it answers each line on standard input with one measurement.
var options = ForwardOptions.Parse(args);
using var contestant = new ForwardContestant(options);
Console.WriteLine("ready");
while (Console.ReadLine() is { Length: > 0 } line)
    Console.WriteLine(contestant.Measure(int.Parse(line.Split(' ')[0], null), double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)));
