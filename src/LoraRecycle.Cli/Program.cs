using LoraRecycle.Cli;
using LoraRecycle.Cli.Hosting;

using var interruption = new Interruption();
return await CommandLine.RunAsync(args, Console.Out, Console.Error, interruption.Token);
