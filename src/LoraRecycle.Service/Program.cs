using LoraRecycle.Service;

return await ServiceHost.RunAsync(args);
