using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli;

using var interruption = new Interruption();
return await CommandLine.RunAsync(args, Console.Out, Console.Error, interruption.Token);
