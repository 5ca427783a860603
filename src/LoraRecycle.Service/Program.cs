using LoraRecycle.Service.Host;

return await ServiceHost.RunAsync(args);
