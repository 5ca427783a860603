using System.Collections;
using TorchSharp.Modules;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Child modules by position; their names are their numbers.</summary>
        public class ModuleList<T> : torch.nn.Module, IReadOnlyList<T> where T : torch.nn.Module
        {
            private readonly T[] _modules;

            public ModuleList(params T[] modules) : base(nameof(ModuleList<T>))
            {
                _modules = modules;
                for (var i = 0; i < modules.Length; i++) register_module($"{i}", modules[i]);
            }

            public int Count => _modules.Length;

            public T this[int index] => _modules[index];

            public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_modules).GetEnumerator();

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        }
    }
}
