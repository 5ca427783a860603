#!/usr/bin/env dotnet
#:project ../src/LoraRecycle.Client
#:property PublishAot=false
// Sorts a folder of photographs into folders, by a few examples of each.
//
//     dotnet run examples/sort-photographs.cs -- EXAMPLES PHOTOGRAPHS SORTED [--move] [--sure=0.7]
//
// EXAMPLES has a folder for each class with a few of its photographs, named as the class. What is less probable than --sure
// goes to SORTED/unsure. LORA_RECYCLE_URL and LORA_RECYCLE_KEY say where the service is.
using System.Globalization;
using LoraRecycle.Client;

const int AtOnce = 50;
string[] kinds = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"];

var folders = args.Where(one => !one.StartsWith("--", StringComparison.Ordinal)).ToArray();
if (folders.Length != 3)
{
    Console.Error.WriteLine("Expected EXAMPLES PHOTOGRAPHS SORTED [--move] [--sure=0.7]");
    return 2;
}
var sure = args.FirstOrDefault(one => one.StartsWith("--sure=", StringComparison.Ordinal)) is { } told
    ? double.Parse(told["--sure=".Length..], CultureInfo.InvariantCulture)
    : 0.7;
Action<string, string> put = args.Contains("--move")
    ? (from, to) => File.Move(from, to, overwrite: true)
    : (from, to) => File.Copy(from, to, overwrite: true);

using var client = new LoraRecycleClient();
var examples = new SupportSet();
foreach (var folder in Directory.GetDirectories(folders[0]).Order())
    examples[Path.GetFileName(folder)] = [.. Pictures(folder).Select(FileSource.FromPath)];

// The service keeps the examples for as long as this runs, so that each request sends photographs alone.
var task = (await client.Tasks.CreateAsync(examples)).Task;
try
{
    foreach (var batch in Pictures(folders[1]).Chunk(AtOnce))
    {
        var answer = await client.Tasks.ClassifyAsync(task.Id, batch.Select(FileSource.FromPath));
        foreach (var (path, prediction) in batch.Zip(answer.Predictions))
        {
            var folder = prediction.Probability >= sure ? prediction.Label! : "unsure";
            var name = Path.GetFileName(path);
            Directory.CreateDirectory(Path.Combine(folders[2], folder));
            put(path, Path.Combine(folders[2], folder, name));
            Console.WriteLine($"{name}: {folder} ({prediction.Label} {prediction.Probability * 100:0}%)");
        }
    }
}
finally
{
    await client.Tasks.DeleteAsync(task.Id);
}
return 0;

IEnumerable<string> Pictures(string folder) =>
    Directory.GetFiles(folder).Where(path => kinds.Contains(Path.GetExtension(path).ToLowerInvariant())).Order();
