using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision;

/// <summary>
/// A module that takes its weights from a source while it is built. A weight's path in the source is its path in the
/// module tree, so <c>state_dict()</c> gives the names back.
/// </summary>
public abstract class WeightedModule<TInput, TResult>(string path) : nn.Module<TInput, TResult>(path)
{
    /// <summary>Takes a frozen parameter and registers it; it belongs to the module, not to the scope it was made in.</summary>
    protected Parameter Take(IWeightSource weights, string name, params long[] shape)
    {
        var parameter = LiveTensors.Parameter(
            weights.Take(GetName().Length == 0 ? name : $"{GetName()}.{name}", shape),
            requiresGrad: false
        );
        parameter.DetachFromDisposeScope();
        register_parameter(name, parameter);
        return parameter;
    }

    protected T Add<T>(string name, T module) where T : nn.Module
    {
        register_module(name, module);
        return module;
    }
}
