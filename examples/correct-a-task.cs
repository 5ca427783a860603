#!/usr/bin/env dotnet
#:project ../src/LoraRecycle.Client
#:property PublishAot=false
// A stored task that learns from corrections: asks, is corrected, and asks again.
//
//     dotnet run examples/correct-a-task.cs -- EXAMPLES PHOTOGRAPH=LABEL ...
//
// EXAMPLES has a folder for each class with a few of its photographs. Each PHOTOGRAPH is classified; where that is not LABEL,
// which may be a new class, the photograph becomes one of LABEL's examples, and all are asked again.
using LoraRecycle.Client;

if (args.Length < 2 || !args[1..].All(one => one.Contains('=')))
{
    Console.Error.WriteLine("Expected EXAMPLES PHOTOGRAPH=LABEL ...");
    return 2;
}
var truths = args[1..].Select(one => (Path: one[..one.LastIndexOf('=')], Label: one[(one.LastIndexOf('=') + 1)..])).ToArray();

using var client = new LoraRecycleClient();
var examples = new SupportSet();
foreach (var folder in Directory.GetDirectories(args[0]).Order())
    examples[Path.GetFileName(folder)] = [.. Directory.GetFiles(folder).Order().Select(FileSource.FromPath)];
var stored = await client.Tasks.CreateAsync(examples, name: "learns from corrections");

foreach (var (truth, label) in truths.Zip(await AskAsync("before")))
    if (label != truth.Label)
    {
        // With the version, so that nobody else's correction is overlooked: if there was one, the service says task-changed.
        var correction = new TaskChange { Support = new() { [truth.Label] = [truth.Path] } };
        stored = await client.Tasks.ChangeAsync(stored.Task.Id, correction, ifMatch: stored.ETag);
        Console.WriteLine($"{truth.Path}: not {label}, but {truth.Label}");
    }
await AskAsync("after");
await client.Tasks.DeleteAsync(stored.Task.Id);
return 0;

async Task<IReadOnlyList<string?>> AskAsync(string when)
{
    var answer = await client.Tasks.ClassifyAsync(stored.Task.Id, truths.Select(truth => FileSource.FromPath(truth.Path)));
    var right = answer.Predictions.Zip(truths).Count(one => one.First.Label == one.Second.Label);
    Console.WriteLine($"{when}: {right} of {truths.Length} right");
    return [.. answer.Predictions.Select(one => one.Label)];
}
