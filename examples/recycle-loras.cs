#!/usr/bin/env dotnet
#:project ../src/LoraRecycle.Client
#:property PublishAot=false
// Recycles your own LoRAs into one meta-LoRA, and makes it the active one.
//
//     dotnet run examples/recycle-loras.cs -- NAME LORA ... [--iterations=400] [--distillation=200]
//
// Each LORA is a PEFT directory with head.safetensors, or a zip archive of one. NAME will be the meta-LoRA's id.
using System.Globalization;
using LoraRecycle.Client;
using LoraRecycle.Client.Contracts;

var given = args.Where(one => !one.StartsWith("--", StringComparison.Ordinal)).ToArray();
if (given.Length < 2)
{
    Console.Error.WriteLine("Expected NAME LORA ... [--iterations=400] [--distillation=200]");
    return 2;
}

using var client = new LoraRecycleClient();
var loras = new List<string>();
foreach (var path in given[1..])
    loras.Add((await client.Loras.UploadAsync(path)).Id);
Console.WriteLine($"uploaded {string.Join(", ", loras.Select(id => id[..12]))}");
var job = await client.Recycle.StartAsync(
    new()
    {
        Loras = loras,
        Name = given[0],
        Inversion = new() { ["iterations"] = Number("--iterations=", 400) },
        Distillation = new() { ["iterations"] = Number("--distillation=", 200) },
    }
);
await foreach (var happened in client.Recycle.FollowAsync(job.Id))
    Console.WriteLine(
        happened switch
        {
            ProgressEvent one => $"  {one.Kind} {one.Iteration} of {one.Iterations}, loss {one.Loss}",
            StageEvent one => one.Message,
            UnitEvent one => one.Message,
            EvaluationEvent one => one.Message,
            StateEvent one => one.Message,
            _ => "",
        }
    );

var ended = await client.Recycle.GetAsync(job.Id);
if (ended.Job.State != "succeeded")
{
    Console.Error.WriteLine($"The job {ended.Job.State}: {ended.Job.Error}");
    return 1;
}
foreach (var lora in ended.Loras)
    Console.WriteLine($"{lora.Id[..12]}: {lora.SetAside ?? $"inverted with a loss of {lora.BestLoss:0.000}"}");
Console.WriteLine($"active: {(await client.MetaLoras.ActivateAsync(ended.Job.MetaLora)).Id}");
return 0;

int Number(string option, int otherwise) =>
    args.FirstOrDefault(one => one.StartsWith(option, StringComparison.Ordinal)) is { } told
        ? int.Parse(told[option.Length..], CultureInfo.InvariantCulture)
        : otherwise;
