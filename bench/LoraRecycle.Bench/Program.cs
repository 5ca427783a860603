using LoraRecycle.Bench;
using LoraRecycle.Bench.Soak;
using LoraRecycle.Core.Foundation.Devices;

TorchLibrary.Load();

return args switch
{
    ["forward", .. var rest] => ForwardContestant.Serve(ForwardOptions.Parse(rest)),
    ["inversion", .. var rest] => InversionContestant.Serve(StepOptions.Parse(rest)),
    ["distillation", .. var rest] => DistillationContestant.Serve(StepOptions.Parse(rest)),
    ["http", .. var rest] => await HttpBenchmark.RunAsync(HttpOptions.Parse(rest)),
    ["soak", .. var rest] => await SoakBenchmark.RunAsync(SoakOptions.Parse(rest)),
    ["job", .. var rest] => await JobBenchmark.RunAsync(JobOptions.Parse(rest)),
    ["pictures", .. var rest] => PictureCostBenchmark.Run(PictureCostOptions.Parse(rest)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        lora-recycle-bench forward [--model DIR] [--device cpu|cuda] [--dtype float32|bfloat16] [--threads N]
            a contestant of bench/forward.py
        lora-recycle-bench inversion|distillation --files DIR [--device cpu|cuda] [--dtype float32|bfloat16] [--threads N]
            contestants of bench/method.py
        lora-recycle-bench http --server PROGRAM --model DIR --samples DIR [--rounds N] [--requests N]
            what HTTP adds to decoding and the forward pass, what concurrency costs, how memory grows
        lora-recycle-bench soak --server PROGRAM [--minutes N] [--clients N] [--samples DIR] [--loras DIR] [--setting Section:Key=value ...]
            full load with clients that hang up and send rubbish among them; 1 when the server fails, or grows
        lora-recycle-bench job --server PROGRAM --samples DIR [--share S] [--rounds N]
            how long requests wait while a recycling job runs on the same device
        lora-recycle-bench pictures --pictures DIR [--count N] [--seed N] [--out DIR]
            what pictures cost that are changed at random, beside their bytes and pixels
        """);
    return 2;
}
