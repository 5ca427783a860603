using LoraRecycle.Core.Foundation.Devices;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>
/// The models in memory: the bare one always, and a bounded number with a meta-LoRA, of which the least recently used
/// makes room for the next. Used by one thread, but for <see cref="Wearings"/>.
/// </summary>
/// <param name="source">What they are made from; disposed with them.</param>
/// <param name="most">How many may be loaded beside the bare one.</param>
/// <param name="active">The wearing that is kept as long as there is another to give up.</param>
internal sealed class LoadedModels(ModelSource source, int most, Func<Wearing> active) : IDisposable
{
    private readonly DeviceModel _bare = source.Make(Wearing.None);

    /// <summary>The most recently used one first.</summary>
    private readonly List<(Wearing Wearing, DeviceModel Model)> _worn = [];

    private volatile IReadOnlyList<Wearing> _wearings = [];

    /// <summary>The meta-LoRAs that are loaded, the most recently used first; may be asked for by any thread.</summary>
    public IReadOnlyList<Wearing> Wearings => _wearings;

    /// <summary>The model with a wearing, loaded if need be.</summary>
    /// <exception cref="WearingException">The meta-LoRA cannot be merged into the model; the others stay as they are.</exception>
    public DeviceModel For(Wearing wearing)
    {
        if (wearing == Wearing.None)
            return _bare;
        var place = _worn.FindIndex(worn => worn.Wearing == wearing);
        if (place == 0)
            return _worn[0].Model;
        var model = place > 0 ? _worn[place].Model : Load(wearing);
        _worn.RemoveAll(worn => worn.Wearing == wearing);
        _worn.Insert(0, (wearing, model));
        Publish();
        return model;
    }

    private DeviceModel Load(Wearing wearing)
    {
        // Before the next is made, so that the device never holds one more than it may.
        while (_worn.Count >= most)
            GiveUpOne();
        try
        {
            return source.Make(wearing);
        }
        catch (Exception exception) when (DeviceMemory.IsExhausted(exception) && _worn.Exists(worn => worn.Wearing != active()))
        {
            // What has not been used for longest is worth less than what is asked for now.
            GiveUpOne();
            return Load(wearing);
        }
        catch (Exception exception)
        {
            throw new WearingException(wearing, exception);
        }
    }

    private void GiveUpOne()
    {
        var kept = active();
        var place = _worn.FindLastIndex(worn => worn.Wearing != kept);
        if (place < 0)
            place = _worn.Count - 1;
        var model = _worn[place].Model;
        _worn.RemoveAt(place);
        Publish();
        model.Dispose();
    }

    private void Publish() => _wearings = [.. _worn.Select(worn => worn.Wearing)];

    public void Dispose()
    {
        foreach (var (_, model) in _worn)
            model.Dispose();
        _worn.Clear();
        Publish();
        _bare.Dispose();
        source.Dispose();
    }
}
