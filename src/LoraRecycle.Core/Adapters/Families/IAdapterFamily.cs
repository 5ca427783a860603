using LoraRecycle.Core.Adapters.Storage;

namespace LoraRecycle.Core.Adapters.Families;

/// <summary>
/// A way to adapt a model that has a file layout of its own (LoRA, OFT, ...). A family is one file: it says which
/// files are its own, and turns their tensors into a <see cref="LayerAdapter"/> for each layer. It is then added to
/// <c>AdapterCatalog</c>'s list.
/// </summary>
public interface IAdapterFamily
{
    /// <summary>What users see: <c>lora</c>.</summary>
    string Name { get; }

    /// <summary>Whether the files are of this family, right or damaged; from their names and settings alone.</summary>
    bool Recognises(AdapterFiles files);

    /// <summary>Reads the adapter for a model. Every tensor is taken with <see cref="AdapterFiles.Take"/>: those left are an
    /// error.</summary>
    /// <param name="files">Files that this family recognises.</param>
    /// <param name="layers">The model's layers.</param>
    /// <exception cref="AdapterException">The files are damaged, or made for another model.</exception>
    Adapter Read(AdapterFiles files, IReadOnlyList<AdaptableLayer> layers);
}
