using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Families.Lora;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Steps;

/// <summary>
/// A LoRA whose factors all lie in one vector, so that one operation steps, averages, stores or copies them. Owns the
/// vector and the adapter over it.
/// </summary>
internal sealed class FlatAdapter : IDisposable
{
    /// <param name="start">Plain LoRAs; copied.</param>
    /// <param name="headClasses">Rows of a linear classifier over embeddings, zero at first, that is trained along; 0 for none.</param>
    /// <param name="embedding">The length of embeddings.</param>
    /// <param name="device">Where to.</param>
    public FlatAdapter(Adapter start, int headClasses, int embedding, Device device)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var loras = start.Layers.ToDictionary(entry => entry.Key, entry => (LoraLayer)entry.Value, StringComparer.Ordinal);
        var parts = loras
            .Values.SelectMany(lora => new[] { lora.A.detach().flatten(), lora.B.detach().flatten() })
            .Select(part => part.to(ScalarType.Float32, device));
        Values = cat([.. parts, zeros([(long)headClasses * embedding], device: device)]).DetachFromDisposeScope();

        long offset = 0;
        Adapter = new Adapter(start.Family, revision: "", loras.ToDictionary(
            entry => entry.Key,
            LayerAdapter (entry) => new LoraLayer(entry.Key, Next(entry.Value.A.shape), Next(entry.Value.B.shape), entry.Value.Scale),
            StringComparer.Ordinal));
        Head = headClasses == 0 ? null : new ClassificationHead(Next([headClasses, embedding]));
        Parameters = [.. Adapter.Layers.Values.SelectMany(layer => layer.parameters()), .. Head?.parameters() ?? []];

        // A view of the vector: a step on the vector is a step of the factor.
        Tensor Next(long[] shape)
        {
            var length = shape.Aggregate(1L, (product, size) => product * size);
            var part = Values.narrow(0, offset, length).view(shape);
            offset += length;
            return part;
        }
    }

    /// <summary>[parameters], float32.</summary>
    public Tensor Values { get; }

    public Adapter Adapter { get; }

    public ClassificationHead? Head { get; }

    /// <summary>The factors, in the order in which they lie in <see cref="Values"/>.</summary>
    public IReadOnlyList<Tensor> Parameters { get; }

    /// <summary>The LoRA as tensors of its own, in host memory.</summary>
    public Adapter ToAdapter()
    {
        using var withoutGrad = no_grad();
        var adapter = new Adapter(Adapter.Family, revision: "", Adapter.Layers.ToDictionary(
            entry => entry.Key,
            LayerAdapter (entry) => entry.Value is LoraLayer lora
                ? new LoraLayer(entry.Key, lora.A.detach().to(CPU, copy: true), lora.B.detach().to(CPU, copy: true), lora.Scale)
                : throw new InvalidOperationException($"{entry.Key} is not a LoRA."),
            StringComparer.Ordinal));
        adapter.Revise();
        return adapter;
    }

    public void Dispose()
    {
        Adapter.Dispose();
        Head?.Dispose();
        Values.Dispose();
    }
}
