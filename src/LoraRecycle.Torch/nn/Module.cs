using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>A tree of parameters, buffers and child modules. Disposing the root frees all of them.</summary>
        public class Module : IDisposable
        {
            private readonly string _name;
            private readonly List<(string Name, Parameter Value)> _parameters = [];
            private readonly List<(string Name, Tensor Value)> _buffers = [];
            private readonly List<(string Name, Module Value)> _children = [];

            protected Module(string name) => _name = name;

            public virtual bool training { get; private set; } = true;

            public virtual string GetName() => _name;

            /// <summary>Makes a tensor this module's own. A tensor of a dispose scope must be detached from it first.</summary>
            public virtual void register_parameter(string name, Parameter param) => Add(_parameters, name, param);

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true) => Add(_buffers, name, tensor);

            public virtual void register_module(string name, Module submodule)
            {
                if (name.Contains('.', StringComparison.Ordinal))
                    throw new ArgumentException($"Expected a module name without dots, got '{name}'.", nameof(name));
                Add(_children, name, submodule);
            }

            public virtual IEnumerable<(string name, Module module)> named_children() => _children;

            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
                Walk(module => module._parameters, recurse);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true) =>
                Walk(module => module._buffers, recurse);

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(entry => entry.parameter);

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var (_, child) in _children) child.train(train);
            }

            public virtual void eval() => train(false);

            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var parameter in parameters())
                {
                    if (set_to_none)
                    {
                        parameter.grad = null;
                        continue;
                    }
                    using var gradient = parameter.grad;
                    gradient?.zero_();
                }
            }

            /// <summary>All parameters and buffers by their dotted path.</summary>
            public virtual Dictionary<string, Tensor> state_dict()
            {
                var state = new Dictionary<string, Tensor>();
                foreach (var (name, parameter) in named_parameters()) state[name] = parameter;
                foreach (var (name, buffer) in named_buffers()) state[name] = buffer;
                return state;
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach (var (_, parameter) in _parameters) parameter.Dispose();
                foreach (var (_, buffer) in _buffers) buffer.Dispose();
                foreach (var (_, child) in _children) child.Dispose();
            }

            private static void Add<T>(List<(string Name, T Value)> entries, string name, T value)
            {
                ArgumentNullException.ThrowIfNull(value);
                if (entries.Exists(entry => entry.Name == name))
                    throw new InvalidOperationException($"'{name}' is already registered.");
                entries.Add((name, value));
            }

            private IEnumerable<(string, T)> Walk<T>(Func<Module, List<(string Name, T Value)>> own, bool recurse)
            {
                foreach (var (name, value) in own(this)) yield return (name, value);
                if (!recurse) yield break;
                foreach (var (childName, child) in _children)
                    foreach (var (name, value) in child.Walk(own, recurse))
                        yield return ($"{childName}.{name}", value);
            }
        }

        /// <summary>A module with one input.</summary>
        public abstract class Module<T, TResult>(string name) : Module(name)
        {
            public abstract TResult forward(T input);

            public TResult call(T input) => forward(input);
        }

        /// <summary>A module with two inputs.</summary>
        public abstract class Module<T1, T2, TResult>(string name) : Module(name)
        {
            public abstract TResult forward(T1 input1, T2 input2);

            public TResult call(T1 input1, T2 input2) => forward(input1, input2);
        }
    }
}
