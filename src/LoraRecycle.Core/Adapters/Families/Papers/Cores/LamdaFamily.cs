using LoraRecycle.Core.Adapters.Storage;

namespace LoraRecycle.Core.Adapters.Families.Papers.Cores;

/// <summary>LaMDA (arXiv 2406.12832): W + s B S A, where A is frozen, S, r x r, is trained, and B is trained in the first steps.</summary>
public sealed class LamdaFamily() : CoreFamily("lamda", "sigma")
{
    internal override string Origin => "LaMDA starts from it and trains the rest to fit it";

    internal override bool TrainsB => true;

    internal override bool IsPublished(AdapterFiles files) =>
        files.Tensors.Keys.Any(key => key.Contains(".sigma.", StringComparison.Ordinal));
}
