// A contestant of bench/forward.py: ONNX Runtime on the CPU, on a model that bench/peers/export_onnx.py wrote.
// Answers each line "batch seconds" on standard input with the seconds that a batch took.
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

if (args is not [var path, var threads])
{
    Console.Error.WriteLine("onnxruntime-bench MODEL.onnx THREADS");
    return 2;
}

using var options = new SessionOptions
{
    IntraOpNumThreads = int.Parse(threads, CultureInfo.InvariantCulture),
    GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
};
using var session = new InferenceSession(path, options);
var (input, shape) = session.InputMetadata.First() is var (name, metadata) ? (name, metadata.Dimensions) : default;
var batches = new Dictionary<int, NamedOnnxValue[]>();
Console.WriteLine("ready");
while (Console.ReadLine()?.Split(' ') is [var batch, var seconds])
{
    var size = int.Parse(batch, CultureInfo.InvariantCulture);
    if (!batches.TryGetValue(size, out var values))
    {
        var random = new Random(0);
        var pixels = new DenseTensor<float>([size, shape[1], shape[2], shape[3]]);
        for (var i = 0; i < pixels.Length; i++) pixels.SetValue(i, (float)(random.NextDouble() * 4 - 2));
        batches[size] = values = [NamedOnnxValue.CreateFromTensor<float>(input, pixels)];
        for (var i = 0; i < 3; i++) session.Run(values).Dispose();
    }
    var (clock, runs, limit) = (Stopwatch.StartNew(), 0, double.Parse(seconds, CultureInfo.InvariantCulture));
    for (; runs == 0 || clock.Elapsed.TotalSeconds < limit; runs++) session.Run(values).Dispose();
    Console.WriteLine((clock.Elapsed.TotalSeconds / runs).ToString("R", CultureInfo.InvariantCulture));
}
return 0;
