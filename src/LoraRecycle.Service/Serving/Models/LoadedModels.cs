using LoraRecycle.Core.Foundation.Devices;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>
/// The models in memory: the bare one always, and a bounded number with a meta-LoRA, of which the least recently used
/// makes room for the next. Used by one thread, but for <see cref="Adapters"/>.
/// </summary>
/// <param name="source">What they are made from; disposed with them.</param>
/// <param name="most">How many may be loaded beside the bare one.</param>
/// <param name="active">The adapter that is kept as long as there is another to give up.</param>
internal sealed class LoadedModels(ModelSource source, int most, Func<ServedAdapter> active) : IDisposable
{
    private readonly DeviceModel _bare = source.Make(ServedAdapter.None);

    /// <summary>The most recently used one first.</summary>
    private readonly List<(ServedAdapter Adapter, DeviceModel Model)> _adapted = [];

    private volatile IReadOnlyList<ServedAdapter> _adapters = [];

    /// <summary>The meta-LoRAs that are loaded, the most recently used first; may be asked for by any thread.</summary>
    public IReadOnlyList<ServedAdapter> Adapters => _adapters;

    /// <summary>The model with an adapter, loaded if need be.</summary>
    /// <exception cref="AdapterMergeException">The meta-LoRA cannot be merged into the model; the others stay as they are.</exception>
    public DeviceModel For(ServedAdapter adapter)
    {
        if (adapter == ServedAdapter.None)
            return _bare;
        var place = _adapted.FindIndex(one => one.Adapter == adapter);
        if (place == 0)
            return _adapted[0].Model;
        var model = place > 0 ? _adapted[place].Model : Load(adapter);
        _adapted.RemoveAll(one => one.Adapter == adapter);
        _adapted.Insert(0, (adapter, model));
        Publish();
        return model;
    }

    private DeviceModel Load(ServedAdapter adapter)
    {
        // Before the next is made, so that the device never holds one more than it may.
        while (_adapted.Count >= most)
            GiveUpOne();
        try
        {
            return source.Make(adapter);
        }
        catch (Exception exception) when (DeviceMemory.IsExhausted(exception) && _adapted.Exists(one => one.Adapter != active()))
        {
            // What has not been used for longest is worth less than what is asked for now.
            GiveUpOne();
            return Load(adapter);
        }
        catch (Exception exception)
        {
            throw new AdapterMergeException(adapter, exception);
        }
    }

    private void GiveUpOne()
    {
        var kept = active();
        var place = _adapted.FindLastIndex(one => one.Adapter != kept);
        if (place < 0)
            place = _adapted.Count - 1;
        var model = _adapted[place].Model;
        _adapted.RemoveAt(place);
        Publish();
        model.Dispose();
    }

    private void Publish() => _adapters = [.. _adapted.Select(one => one.Adapter)];

    public void Dispose()
    {
        foreach (var (_, model) in _adapted)
            model.Dispose();
        _adapted.Clear();
        Publish();
        _bare.Dispose();
        source.Dispose();
    }
}
